//! Personal data: how a value of a personal field is shown to those without the right to see it.

use qipan_expr::Value;

/// Texts of at least this many characters (telephone and identity numbers) keep both ends.
const NUMBER_LENGTH: usize = 11;

/// A personal value with most of it starred out: `张**`, `138****1234`. Values that are not
/// text vanish altogether.
#[must_use]
pub fn masked(value: &Value) -> Value {
    let Value::Text(text) = value else {
        return Value::Null;
    };
    let count = text.chars().count();
    let (head, tail) = match count {
        NUMBER_LENGTH.. => (3, 4),
        2.. => (1, 0),
        _ => (0, 0),
    };
    let masked = text.chars().enumerate().map(|(position, c)| {
        let shown = position < head || position >= count - tail;
        if shown { c } else { '*' }
    });
    Value::Text(masked.collect())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "")]
    #[case("张", "*")]
    #[case("张三丰", "张**")]
    #[case("13800001234", "138****1234")]
    #[case("500101199001011234", "500***********1234")]
    fn keeps_little(#[case] text: &str, #[case] expect: &str) {
        assert_eq!(
            masked(&Value::Text(text.into())),
            Value::Text(expect.into())
        );
        assert_eq!(masked(&Value::Int(3)), Value::Null);
    }
}
