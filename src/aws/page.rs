//! Lists that come in pages.

use futures_util::stream::{Stream, try_unfold};

use crate::domain::trouble::{Trouble, TroubleKind};

/// One page of a list.
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    /// What to ask with for the next page; `None` (or empty) on the last.
    pub(super) next: Option<String>,
}

/// All pages of a list, one call each, until the last or the first failure.
///
/// A token that comes back unchanged would go round for ever; it ends the list as garbled.
pub(super) fn pages<T, Asked>(
    action: &'static str,
    ask: impl Fn(Option<String>) -> Asked,
) -> impl Stream<Item = Result<Vec<T>, Trouble>>
where
    Asked: Future<Output = Result<Page<T>, Trouble>>,
{
    try_unfold((Some(None), ask), move |(turn, ask): (Option<Option<String>>, _)| async move {
        let Some(token) = turn else { return Ok(None) };
        let page = ask(token.clone()).await?;
        let next = page.next.filter(|token| !token.is_empty());
        if next.is_some() && next == token {
            return Err(Trouble::new(TroubleKind::Garbled, action));
        }
        Ok(Some((page.rows, (next.map(Some), ask))))
    })
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;

    async fn all(tokens: &'static [Option<&'static str>]) -> Result<Vec<usize>, Trouble> {
        let ask = |token: Option<String>| async move {
            let turn = token.map_or(0, |token| token.parse().unwrap());
            Ok(Page { rows: vec![turn], next: tokens[turn].map(str::to_owned) })
        };
        pages("x:List", ask).try_concat().await
    }

    #[tokio::test]
    async fn pages_follow_each_other_to_the_last() {
        assert_eq!(all(&[Some("1"), Some("2"), None]).await.unwrap(), [0, 1, 2]);
        assert_eq!(all(&[Some("")]).await.unwrap(), [0]);
    }

    #[tokio::test]
    async fn a_token_that_stands_still_ends_the_list() {
        assert_eq!(all(&[Some("1"), Some("1")]).await.unwrap_err().kind, TroubleKind::Garbled);
    }
}
