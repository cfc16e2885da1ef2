//! What handlers share: reading an input, and handing out lists in pages.

use serde_json::Value;

use super::world::{World, hash, scatter};

/// The text of a member.
#[must_use]
pub fn text<'a>(input: &'a Value, key: &str) -> Option<&'a str> {
    input.get(key).and_then(Value::as_str)
}

/// The whole number of a member.
#[must_use]
pub fn number(input: &Value, key: &str) -> Option<u64> {
    input.get(key).and_then(Value::as_u64)
}

/// The whole number of a member, as far as 32 bits go.
#[must_use]
pub fn small(input: &Value, key: &str) -> Option<u32> {
    number(input, key).and_then(|number| u32::try_from(number).ok())
}

/// The texts of a list member; empty if it is absent.
#[must_use]
pub fn texts<'a>(input: &'a Value, key: &str) -> Vec<&'a str> {
    input
        .get(key)
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// A token that was not given out, or for another question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadToken;

/// One page of a list, and the token of the next if there is one.
///
/// `scope` is the question that the list answers: a token is good for the same question only, as with AWS.
///
/// # Errors
/// If the token was not given out for this question.
pub fn page<T>(
    world: &World,
    items: Vec<T>,
    scope: &str,
    token: Option<&str>,
    size: Option<usize>,
    most: usize,
) -> Result<(Vec<T>, Option<String>), BadToken> {
    let offset = token.map_or(Ok(0), |token| open(scope, token))?;
    let size = size.unwrap_or(most).min(most).min(world.page_cap.unwrap_or(usize::MAX)).max(1);
    let total = items.len();
    let rows: Vec<T> = items.into_iter().skip(offset).take(size).collect();
    let next = offset + rows.len();
    Ok((rows, (next < total).then(|| seal(scope, next))))
}

fn seal(scope: &str, offset: usize) -> String {
    let number = u64::try_from(offset).unwrap_or(0);
    format!("{:016x}{:016x}", scatter(scatter(hash(scope)).wrapping_add(number)), number ^ hash(scope))
}

fn open(scope: &str, token: &str) -> Result<usize, BadToken> {
    let part = token.get(16..).ok_or(BadToken)?;
    let number = u64::from_str_radix(part, 16).map_err(|_| BadToken)? ^ hash(scope);
    let offset = usize::try_from(number).map_err(|_| BadToken)?;
    if seal(scope, offset) == token { Ok(offset) } else { Err(BadToken) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let mut world = World::default();
        world.page_cap = Some(3);
        let mut token = None;
        let mut all = Vec::new();
        loop {
            let (rows, next) = page(&world, (0..7).collect(), "list", token.as_deref(), None, 100).expect("a page");
            assert!(rows.len() <= 3);
            all.extend(rows);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(all, [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_token_is_good_for_its_question_only() {
        let world = World::default();
        let (_, token) = page(&world, vec![1, 2, 3], "list", None, Some(2), 100).expect("a page");
        let token = token.expect("there is more");
        assert_eq!(page(&world, vec![1, 2, 3], "other", Some(&token), Some(2), 100), Err(BadToken));
        assert_eq!(page(&world, vec![1, 2, 3], "list", Some("made up"), Some(2), 100), Err(BadToken));
        assert_eq!(page(&world, vec![1, 2, 3], "list", Some(&token), Some(2), 100), Ok((vec![3], None)));
    }
}
