//! What can go wrong between the store and a figure.

use qipan_model::Period;

/// Why a figure could not be computed. `Display` is a Chinese sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No version of the indicator is in force at the period's end.
    #[error("没有指标“{id}”，或它在{}末没有生效的口径：请用 qipan figures 查看全部指标", period.name())]
    NoIndicator {
        /// Id asked for.
        id: String,
        /// Period asked for.
        period: Period,
    },
    /// The pack names a register or field that it does not declare.
    #[error("指标“{indicator}”引用的台账“{register}”不在机制包里：请运行 qipan pack check")]
    NoRegister {
        /// Indicator id.
        indicator: String,
        /// Register id.
        register: String,
    },
    /// An expression that cannot be compiled to SQL.
    #[error("指标“{indicator}”的表达式不能转成 SQL：{cause}")]
    Sql {
        /// Indicator id.
        indicator: String,
        /// Why.
        cause: String,
    },
    /// A moment that cannot be read.
    #[error("时刻“{0}”看不懂：请写成日期（2021-08-09）或 2021-08-09T06:00:00Z")]
    Moment(String),
    /// A stored value that does not have the type its column declares.
    #[error("台账里存着一个读不出的值（{0}）：请运行 qipan verify")]
    Value(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] qipan_store::Error),
}
