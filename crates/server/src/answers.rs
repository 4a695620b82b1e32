//! Answers that many ask for and that take long, computed once for each mark.
//!
//! A mark ([`crate::etag`]) is made of all that an answer depends on: the newest journal entry, the
//! pack, what the caller may see, the question. Whatever is written makes other marks, so nothing
//! here is ever stale; it is only no longer asked for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use crate::problem::Problem;

/// Most answers that are kept, and most bytes of them.
const MOST: usize = 64;
const MOST_BYTES: usize = 8 << 20;

type Answer = Arc<OnceCell<Bytes>>;

/// Answers by their marks, the last one asked for first.
#[derive(Default)]
pub(crate) struct Answers(Mutex<VecDeque<(String, Answer)>>);

impl Answers {
    /// The answer with a mark: the one that is kept, or the one that is computed by whoever asked
    /// first.
    ///
    /// # Errors
    /// What `compute` says.
    pub(crate) async fn of(
        &self,
        mark: &str,
        compute: impl Future<Output = Result<Vec<u8>, Problem>>,
    ) -> Result<Bytes, Problem> {
        let answer = self.take(mark);
        let computed = || async { compute.await.map(Bytes::from) };
        let bytes = answer.get_or_try_init(computed).await?.clone();
        self.keep(mark, answer);
        Ok(bytes)
    }

    fn take(&self, mark: &str) -> Answer {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = kept.iter().find(|(known, _)| known == mark) {
            return Arc::clone(answer);
        }
        let answer = Answer::default();
        kept.push_front((mark.to_owned(), Arc::clone(&answer)));
        // Also what is refused, or not waited for, takes a place; whoever computes holds their own.
        kept.truncate(MOST);
        answer
    }

    /// Puts an answer in front and lets go of what is too much behind it.
    fn keep(&self, mark: &str, answer: Answer) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| known != mark);
        kept.push_front((mark.to_owned(), answer));
        kept.truncate(MOST);
        let size = |answer: &Answer| answer.get().map_or(0, Bytes::len);
        let mut bytes: usize = kept.iter().map(|(_, answer)| size(answer)).sum();
        while bytes > MOST_BYTES
            && let Some((_, last)) = kept.pop_back()
        {
            bytes -= size(&last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(answers: &Answers, mark: &str, bytes: usize) -> bool {
        let mut computed = false;
        let answer = answers.of(mark, async {
            computed = true;
            Ok(vec![0; bytes])
        });
        assert_eq!(answer.await.unwrap().len(), bytes);
        computed
    }

    #[tokio::test]
    async fn each_mark_is_computed_once_and_the_last_ones_are_kept() {
        let answers = Answers::default();
        assert!(ask(&answers, "a", 10).await);
        assert!(!ask(&answers, "a", 10).await);
        for nth in 0..MOST - 1 {
            assert!(ask(&answers, &nth.to_string(), 10).await);
        }
        assert!(!ask(&answers, "a", 10).await, "asked for again, it stays");
        assert!(ask(&answers, "b", 10).await);
        assert!(!ask(&answers, "a", 10).await);
        assert!(ask(&answers, "0", 10).await, "the oldest is gone");
        assert!(ask(&answers, "large", MOST_BYTES).await);
        assert!(ask(&answers, "a", 10).await, "there was no room");
        assert!(ask(&answers, "larger", MOST_BYTES + 1).await);
        assert!(ask(&answers, "larger", MOST_BYTES + 1).await);
    }

    #[tokio::test]
    async fn those_who_ask_at_once_wait_for_one() {
        let answers = Answers::default();
        let slow = answers.of("a", async {
            tokio::task::yield_now().await;
            Ok(vec![1])
        });
        let other = answers.of("a", async { unreachable!("computed twice") });
        let (slow, other) = tokio::join!(slow, other);
        assert_eq!(slow.unwrap(), other.unwrap());
        let refused = answers.of("b", async { Err(Problem::no_register("x")) });
        assert!(refused.await.is_err());
        let again = answers.of("b", async { Ok(vec![2]) });
        assert_eq!(&again.await.unwrap()[..], [2], "a refusal is not kept");
        for nth in 0..2 * MOST {
            let mark = format!("refused {nth}");
            let refused = answers.of(&mark, async { Err(Problem::no_register("x")) });
            assert!(refused.await.is_err());
        }
        let kept = answers.0.lock().unwrap().len();
        assert!(kept <= MOST, "{kept} places are taken");
    }
}
