//! “Did you mean”: the known word nearest to a misspelt one.

/// Two sentences' ends, Chinese and English, that name the nearest known word; empty when none is
/// near.
pub(crate) fn hint<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> (String, String) {
    match nearest(written, known) {
        Some(word) => (
            format!("；是不是想写 `{word}`？"),
            format!("; did you mean `{word}`?"),
        ),
        None => (String::new(), String::new()),
    }
}

/// The nearest known word, when it is near enough to be a slip of the finger.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|word| (distance(written, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Edits between two words; letters differing in case only count as half an edit would: not at all.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let swap = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j - 1] + swap).min(last[j] + 1).min(row[j - 1] + 1);
            // Two neighbours exchanged are one slip.
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_leaves_strangers_alone() {
        let known = ["recipient", "supporter", "key", "PRJ-N-ISSUED"];
        assert_eq!(nearest("recipeint", known), Some("recipient"));
        assert_eq!(nearest("suporter", known), Some("supporter"));
        assert_eq!(nearest("prj-n-issued", known), Some("PRJ-N-ISSUED"));
        assert_eq!(nearest("keys", known), Some("key"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
