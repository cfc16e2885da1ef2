//! stub
use std::{fmt, str::FromStr};
/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression;
/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionError;
impl FromStr for Expression {
    type Err = ExpressionError;
    fn from_str(_: &str) -> Result<Self, ExpressionError> {
        Err(ExpressionError)
    }
}
impl fmt::Display for Expression {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
