//! From text to tokens.

use crate::diagnostic::{Diagnostic, Span};
use crate::value::MAX_SCALE;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Int(i64),
    /// Digits without the point, and how many of them stood after it.
    Decimal(i64, u8),
    Text(String),
    Name(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// Something already reported; stands where an operand would.
    Bad,
    End,
}

/// Longest signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "(", ")", "[", "]", ",", ".", "?", ":", "+", "-", "*", "/",
    "%", "<", ">", "!", "=", "&",
];

/// Splits a source into tokens, the last of which is [`Token::End`].
pub(crate) fn lex(source: &str, found: &mut Vec<Diagnostic>) -> Vec<(Token, Span)> {
    let mut lexer = Lexer {
        source,
        at: 0,
        found,
    };
    let mut tokens = Vec::new();
    loop {
        let rest = lexer.rest();
        lexer.at += rest.len() - rest.trim_start().len();
        let start = lexer.at;
        let token = lexer.token();
        let end = token == Token::End;
        tokens.push((token, Span::new(start, lexer.at)));
        if end {
            return tokens;
        }
    }
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    found: &'a mut Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// Takes the longest prefix whose characters all please.
    fn take_while(&mut self, pleases: impl Fn(char) -> bool) -> &str {
        let rest = self.source.get(self.at..).unwrap_or_default();
        let length = rest.find(|c| !pleases(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn report(&mut self, start: usize, code: &'static str, message: impl Into<String>) -> Token {
        self.found
            .push(Diagnostic::new(Span::new(start, self.at), code, message));
        Token::Bad
    }

    fn token(&mut self) -> Token {
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Token::End;
        };
        if first.is_ascii_digit() {
            return self.number();
        }
        if first == '\'' || first == '"' {
            return self.text(first);
        }
        if first.is_alphabetic() || first == '_' {
            let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
            return Token::Name(name.to_owned());
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign)) {
            self.at += sign.len();
            return match sign {
                "=" => {
                    self.report(start, "E1004", "单个“=”不是运算符：判断相等请写“==”");
                    Token::Sign("==")
                }
                "&" => {
                    self.report(start, "E1004", "单个“&”不是运算符：“并且”请写“&&”");
                    Token::Sign("&&")
                }
                sign => Token::Sign(sign),
            };
        }
        self.at += first.len_utf8();
        let message = match half_width(first) {
            Some(half) => format!("不认识的字符“{first}”：请改用半角的“{half}”"),
            None if first == '|' => "单个“|”不是运算符：“或者”请写“||”".to_owned(),
            None => format!("不认识的字符“{first}”：请删去，文字要放在引号里"),
        };
        self.report(start, "E1004", message)
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        let whole = self.take_while(|c| c.is_ascii_digit()).to_owned();
        let mut places = String::new();
        let mut point = false;
        if self.rest().starts_with('.') {
            point = true;
            self.at += 1;
            places = self.take_while(|c| c.is_ascii_digit()).to_owned();
        }
        let tail = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if !tail.is_empty() || (point && places.is_empty()) {
            return self.report(
                start,
                "E1007",
                "数字写得不对：只能写成 12 或 12.5，不用科学计数法、千分位和单位",
            );
        }
        if places.len() > usize::from(MAX_SCALE) {
            return self.report(
                start,
                "E1007",
                format!("小数位数为{}：最多{MAX_SCALE}位", places.len()),
            );
        }
        // At most six places, checked above.
        let scale = u8::try_from(places.len()).unwrap_or(MAX_SCALE);
        match format!("{whole}{places}").parse::<i64>() {
            Ok(digits) if point => Token::Decimal(digits, scale),
            Ok(digits) => Token::Int(digits),
            Err(_) => self.report(start, "E1007", "数字太大：连同小数最多18位"),
        }
    }

    fn text(&mut self, quote: char) -> Token {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != quote && c != '\\' && c != '\n' && c != '\0'));
            let mut next = self.rest().chars();
            match (next.next(), next.next()) {
                (Some(c), _) if c == quote => {
                    self.at += 1;
                    return Token::Text(text);
                }
                (Some('\\'), Some(escaped)) => {
                    let at = self.at;
                    self.at += 1 + escaped.len_utf8();
                    match escaped {
                        '\\' | '\'' | '"' => text.push(escaped),
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        _ => {
                            let message =
                                format!("不认识的转义“\\{escaped}”：只有 \\\\ \\' \\\" \\n \\t");
                            self.report(at, "E1006", message);
                        }
                    }
                }
                _ => {
                    return self.report(
                        start,
                        "E1005",
                        format!("文字没有结束：缺少右引号 {quote}"),
                    );
                }
            }
        }
    }
}

/// The sign that somebody with a Chinese keyboard most likely meant.
fn half_width(c: char) -> Option<char> {
    Some(match c {
        '，' | '、' => ',',
        '（' => '(',
        '）' => ')',
        '【' => '[',
        '】' => ']',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '＞' => '>',
        '＜' => '<',
        '＝' => '=',
        '！' => '!',
        '？' => '?',
        '：' => ':',
        '＋' => '+',
        '－' | '—' | '–' => '-',
        '×' | '＊' => '*',
        '÷' | '／' => '/',
        '％' => '%',
        _ => return None,
    })
}
