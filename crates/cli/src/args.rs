//! The command line: names and options are fixed (design §6).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use qipan_model::Period;

/// 棋盘：区县结对协同的台账、数字与简报
#[derive(Debug, Parser)]
#[command(name = "qipan", version, about, propagate_version = true)]
pub struct Cli {
    /// Options every command knows.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options every command knows.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// 数据目录（默认 ./qipan-data）
    #[arg(
        long,
        global = true,
        env = "QIPAN_DATA",
        default_value = "./qipan-data",
        value_name = "DIR"
    )]
    pub data: PathBuf,
    /// 数据库（默认数据目录内的 SQLite；服务器用 postgres://…）
    #[arg(
        long,
        global = true,
        env = "QIPAN_DB",
        value_name = "URL",
        hide_env_values = true
    )]
    pub db: Option<String>,
    /// 只输出结果，不输出过程
    #[arg(long, global = true)]
    pub quiet: bool,
    /// 界面语言
    #[arg(long, global = true, value_enum, default_value_t = Lang::Zh)]
    pub lang: Lang,
}

/// Language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 演示：建库、导入示例半年、核对文章、写简报，然后开页面
    Demo(Demo),
    /// 建数据目录并套用机制包
    Init(Init),
    /// 检查、预览、套用机制包
    #[command(subcommand)]
    Pack(PackCommand),
    /// 导入工作簿（.xlsx .xls .csv）
    Import(Import),
    /// 生成填报模板
    Template(Template),
    /// 导出台账
    Export(Export),
    /// 计算数字
    Figures(Figures),
    /// 打开一个数字：口径、SQL、明细、佐证
    Explain(Explain),
    /// 生成简报
    Brief(Brief),
    /// 核对一篇文稿里的数字
    Check(Check),
    /// 校验日志链与全部记录
    Verify(Verify),
    /// 备份数据库与文件，备份可直接当数据目录打开
    Backup(Backup),
    /// 开页面与接口
    Serve(Serve),
    /// 管账号：新建、改密码、停用、列出
    #[command(subcommand)]
    User(UserCommand),
}

/// `qipan user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// 新建账号，打印一次首次登录的密码
    Add(UserAdd),
    /// 重设密码，打印一次；账号的会话随即结束
    Passwd {
        /// 登录名
        login: String,
        /// 从标准输入读密码（默认由系统生成）
        #[arg(long)]
        stdin: bool,
    },
    /// 停用账号，会话随即结束
    Lock {
        /// 登录名
        login: String,
    },
    /// 重新启用账号，并解除登录失败后的暂停
    Unlock {
        /// 登录名
        login: String,
    },
    /// 列出账号
    List {
        /// 以 JSON 输出
        #[arg(long)]
        json: bool,
    },
}

/// `qipan user add`
#[derive(Debug, Args)]
pub struct UserAdd {
    /// 登录名
    pub login: String,
    /// 姓名或名称
    #[arg(long)]
    pub name: String,
    /// 角色（可写多次；见机制包的 access.toml）
    #[arg(long = "role", value_name = "ROLE", required = true)]
    pub roles: Vec<String>,
    /// 所属单位（名称、简称或代码）
    #[arg(long)]
    pub unit: Option<String>,
    /// 归口的台账（可写多次，市级部门用）
    #[arg(long = "register", value_name = "R")]
    pub registers: Vec<String>,
    /// 从标准输入读密码（默认由系统生成）
    #[arg(long)]
    pub stdin: bool,
}

/// `qipan demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// 监听地址
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: std::net::SocketAddr,
    /// 做完就结束，不开页面
    #[arg(long)]
    pub no_serve: bool,
}

/// `qipan init`
#[derive(Debug, Args)]
pub struct Init {
    /// 机制包目录
    #[arg(long, value_name = "DIR")]
    pub pack: PathBuf,
}

/// `qipan pack …`
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// 检查机制包：逐条给出文件、行、列与改法
    Check {
        /// 机制包目录
        dir: PathBuf,
        /// 以 JSON 输出
        #[arg(long)]
        json: bool,
    },
    /// 预览套用机制包会改变什么
    Plan {
        /// 机制包目录
        dir: PathBuf,
    },
    /// 套用机制包
    Apply {
        /// 机制包目录
        dir: PathBuf,
    },
}

/// `qipan import`
#[derive(Debug, Args)]
pub struct Import {
    /// 文件
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// 台账（表头认不准时指定）
    #[arg(long, value_name = "R")]
    pub register: Option<String>,
    /// 填报单位（名称、简称或代码）
    #[arg(long, value_name = "U")]
    pub unit: Option<String>,
    /// 报送期（默认取自标题）
    #[arg(long, value_name = "P")]
    pub period: Option<Period>,
    /// 只检查，不入库
    #[arg(long)]
    pub dry_run: bool,
    /// 有错的行退回，其余照收（默认整份文件全收或全退）
    #[arg(long)]
    pub accept_good_rows: bool,
    /// 把问题标进原工作簿的一份副本
    #[arg(long, value_name = "OUT.xlsx")]
    pub errors: Option<PathBuf>,
    /// 以 JSON 输出
    #[arg(long)]
    pub json: bool,
}

/// `qipan template`
#[derive(Debug, Args)]
pub struct Template {
    /// 台账
    pub register: String,
    /// 填报单位
    #[arg(long)]
    pub unit: String,
    /// 报送期
    #[arg(long)]
    pub period: Period,
    /// 写到哪里
    #[arg(short, long = "output", value_name = "FILE.xlsx")]
    pub output: PathBuf,
}

/// Formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// 用户版式的工作簿
    Xlsx,
    /// 逗号分隔
    Csv,
    /// JSON
    Json,
    /// 列式
    Parquet,
}

/// `qipan export`
#[derive(Debug, Args)]
pub struct Export {
    /// 台账
    pub register: String,
    /// 筛选条件（表达式，如 supporter == 'jiangjin' && total_investment > 1000000）
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
    /// 某一时刻的原样（RFC 3339 或日期）
    #[arg(long, value_name = "T")]
    pub as_of: Option<String>,
    /// 格式
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// 写到哪里
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: PathBuf,
}

/// Cuts on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Cut {
    /// 结对组
    Group,
    /// 结对关系
    Link,
    /// 帮扶方
    Supporter,
    /// 受援方
    Recipient,
}

/// Formats of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FiguresFormat {
    /// 表
    Table,
    /// JSON
    Json,
    /// 逗号分隔
    Csv,
}

/// `qipan figures`
#[derive(Debug, Args)]
pub struct Figures {
    /// 报送期
    #[arg(long)]
    pub period: Period,
    /// 切分
    #[arg(long, value_enum)]
    pub by: Option<Cut>,
    /// 某一时刻所见（RFC 3339 或日期）
    #[arg(long, value_name = "T")]
    pub as_of: Option<String>,
    /// 格式
    #[arg(long, value_enum, default_value_t = FiguresFormat::Table)]
    pub format: FiguresFormat,
}

/// `qipan explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// 指标
    pub indicator: String,
    /// 报送期
    #[arg(long)]
    pub period: Period,
    /// 某一时刻所见（RFC 3339 或日期）
    #[arg(long, value_name = "T")]
    pub as_of: Option<String>,
    /// 以 JSON 输出
    #[arg(long)]
    pub json: bool,
}

/// Formats of a brief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BriefFormat {
    /// 公文版式
    Docx,
    /// 版式文件
    Pdf,
    /// 网页
    Html,
    /// 纯文本标记
    Md,
}

/// `qipan brief`
#[derive(Debug, Args)]
pub struct Brief {
    /// 简报
    pub brief: String,
    /// 报送期
    #[arg(long)]
    pub period: Period,
    /// 某一时刻所见（RFC 3339 或日期）
    #[arg(long, value_name = "T")]
    pub as_of: Option<String>,
    /// 格式
    #[arg(long, value_enum)]
    pub format: BriefFormat,
    /// 写到哪里
    #[arg(short, long = "output", value_name = "FILE")]
    pub output: PathBuf,
}

/// `qipan check`
#[derive(Debug, Args)]
pub struct Check {
    /// 文稿（纯文本、HTML 或 DOCX）
    pub file: PathBuf,
    /// 报送期
    #[arg(long)]
    pub period: Period,
    /// 以 JSON 输出
    #[arg(long)]
    pub json: bool,
}

/// `qipan verify`
#[derive(Debug, Args)]
pub struct Verify {
    /// 以 JSON 输出
    #[arg(long)]
    pub json: bool,
}

/// `qipan backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// 备份放在哪个目录（默认数据目录内的 backups，宜放另一块盘）
    #[arg(long, env = "QIPAN_BACKUPS", value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// 以 JSON 输出
    #[arg(long)]
    pub json: bool,
}

/// `qipan serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// 监听地址
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: std::net::SocketAddr,
    /// 用户打开的网址（https://…，由反向代理加密）
    #[arg(long, env = "QIPAN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// 允许不加密地离开本机（仅限可信内网）
    #[arg(long)]
    pub plain_http: bool,
    /// 备份放在哪个目录（默认数据目录内的 backups，宜放另一块盘）
    #[arg(long, env = "QIPAN_BACKUPS", value_name = "DIR")]
    pub backups: Option<PathBuf>,
}
