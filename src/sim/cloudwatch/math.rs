//! Metric math, as far as it is simulated: the four rules, numbers, and what sums a line up to one number.
//!
//! AWS joins lines point by point: where one has no point, the result has none.

use std::collections::BTreeMap;

/// Points of one period, by the instant at which the period begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// The length of the period in seconds.
    pub period: i64,
    /// The points, by epoch seconds.
    pub points: BTreeMap<i64, f64>,
}

/// An expression that has been read.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// The line of another query.
    Name(String),
    /// `SUM(…)` and the like.
    Call(Function, Box<Expression>),
    /// One of `+ - * /`.
    Binary(char, Box<Expression>, Box<Expression>),
    /// `-…`.
    Minus(Box<Expression>),
}

/// What sums a line up to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The sum of the points.
    Sum,
    /// Their mean.
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
    /// How many points there are.
    Count,
}

enum Outcome {
    Number(f64),
    Line(Line),
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// A sentence about what is wrong, or that it is not simulated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { tokens: tokens(text)?, next: 0 };
        let expression = parser.sum()?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(format!("`{token}` was not expected in `{text}`.")),
        }
    }

    /// The ids that it uses.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Name(name) => vec![name],
            Self::Call(_, inner) | Self::Minus(inner) => inner.names(),
            Self::Binary(_, left, right) => [left.names(), right.names()].concat(),
        }
    }

    /// Its line over those of other queries.
    ///
    /// # Errors
    /// If it is one number and no line, or if periods differ: as with AWS.
    pub fn line(&self, lines: &BTreeMap<String, Line>) -> Result<Line, String> {
        match self.value(lines)? {
            Outcome::Line(line) => Ok(line),
            Outcome::Number(_) => Err("the expression must be a time series, and it is one number.".to_owned()),
        }
    }

    fn value(&self, lines: &BTreeMap<String, Line>) -> Result<Outcome, String> {
        Ok(match self {
            Self::Number(number) => Outcome::Number(*number),
            Self::Name(name) => Outcome::Line(lines.get(name).cloned().ok_or_else(|| format!("there is no {name}."))?),
            Self::Minus(inner) => match inner.value(lines)? {
                Outcome::Number(number) => Outcome::Number(-number),
                Outcome::Line(line) => Outcome::Line(line.each(|value| -value)),
            },
            Self::Call(function, inner) => match inner.value(lines)? {
                Outcome::Line(line) => Outcome::Number(function.of(&line)),
                Outcome::Number(_) => return Err("a function of a time series was given one number.".to_owned()),
            },
            Self::Binary(operator, left, right) => {
                let apply = |a: f64, b: f64| match operator {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    _ => a / b,
                };
                match (left.value(lines)?, right.value(lines)?) {
                    (Outcome::Number(a), Outcome::Number(b)) => Outcome::Number(apply(a, b)),
                    (Outcome::Line(line), Outcome::Number(b)) => Outcome::Line(line.each(|a| apply(a, b))),
                    (Outcome::Number(a), Outcome::Line(line)) => Outcome::Line(line.each(|b| apply(a, b))),
                    (Outcome::Line(a), Outcome::Line(b)) => Outcome::Line(a.join(&b, apply)?),
                }
            }
        })
    }
}

impl Line {
    /// Where the result is no number, as after a division by zero, there is no point.
    fn each(&self, apply: impl Fn(f64) -> f64) -> Self {
        let points = self.points.iter().map(|(at, value)| (*at, apply(*value)));
        Self { period: self.period, points: points.filter(|(_, value)| value.is_finite()).collect() }
    }

    fn join(&self, other: &Self, apply: impl Fn(f64, f64) -> f64) -> Result<Self, String> {
        if self.period != other.period {
            return Err("the metrics of an expression must have the same period.".to_owned());
        }
        let both = self.points.iter().filter_map(|(at, a)| Some((*at, apply(*a, *other.points.get(at)?))));
        Ok(Self { period: self.period, points: both.filter(|(_, value)| value.is_finite()).collect() })
    }
}

impl Function {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "SUM" => Some(Self::Sum),
            "AVG" => Some(Self::Average),
            "MIN" => Some(Self::Minimum),
            "MAX" => Some(Self::Maximum),
            "DATAPOINT_COUNT" => Some(Self::Count),
            _ => None,
        }
    }

    fn of(self, line: &Line) -> f64 {
        let values = || line.points.values().copied();
        let count = values().fold(0.0, |count, _| count + 1.0);
        match self {
            Self::Sum => values().sum(),
            Self::Average => values().sum::<f64>() / count,
            Self::Minimum => values().fold(f64::NAN, f64::min),
            Self::Maximum => values().fold(f64::NAN, f64::max),
            Self::Count => count,
        }
    }
}

struct Parser {
    tokens: Vec<String>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Option<String> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn operator(&mut self, among: [&str; 2]) -> Option<char> {
        let found = self.peek().filter(|token| among.contains(token)).and_then(|token| token.chars().next())?;
        self.next += 1;
        Some(found)
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(["+", "-"]) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.factor()?;
        while let Some(operator) = self.operator(["*", "/"]) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, String> {
        let token = self.take().ok_or("the expression ends too early.")?;
        if token == "-" {
            return Ok(Expression::Minus(Box::new(self.factor()?)));
        }
        if token == "(" {
            let inner = self.sum()?;
            self.close()?;
            return Ok(inner);
        }
        if let Ok(number) = token.parse::<f64>() {
            return Ok(Expression::Number(number));
        }
        if self.peek() == Some("(") {
            let function =
                Function::parse(&token).ok_or_else(|| format!("this simulator does not evaluate {token}()."))?;
            self.next += 1;
            let inner = self.sum()?;
            self.close()?;
            return Ok(Expression::Call(function, Box::new(inner)));
        }
        if token.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Ok(Expression::Name(token));
        }
        Err(format!("this simulator does not evaluate `{token}`."))
    }

    fn close(&mut self) -> Result<(), String> {
        match self.take().as_deref() {
            Some(")") => Ok(()),
            Some(token) => Err(format!("this simulator does not evaluate `{token}` here; `)` was expected.")),
            None => Err("a `)` is missing.".to_owned()),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for one in text.chars() {
        if one.is_ascii_alphanumeric() || one == '_' || one == '.' {
            word.push(one);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        match one {
            ' ' => {}
            '+' | '-' | '*' | '/' | '(' | ')' => tokens.push(one.to_string()),
            other => return Err(format!("this simulator does not evaluate `{other}`.")),
        }
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> BTreeMap<String, Line> {
        let line = |period, points: &[(i64, f64)]| Line { period, points: points.iter().copied().collect() };
        let m1 = line(3600, &[(0, 1.0), (3600, 2.0), (7200, 4.0)]);
        let m2 = line(3600, &[(3600, 10.0), (7200, 0.0)]);
        [("m1".to_owned(), m1), ("m2".to_owned(), m2), ("fine".to_owned(), line(60, &[(0, 1.0)]))].into()
    }

    fn values(text: &str) -> Result<Vec<f64>, String> {
        Expression::parse(text)?.line(&lines()).map(|line| line.points.into_values().collect())
    }

    #[test]
    fn the_documented_trick_makes_a_line_of_a_sum() {
        assert_eq!(values("SUM(m1)*m1/m1"), Ok(vec![7.0, 7.0, 7.0]));
        assert_eq!(values("DATAPOINT_COUNT(m1) * m1 / m1"), Ok(vec![3.0, 3.0, 3.0]));
        assert_eq!(values("SUM(m1)*m1"), Ok(vec![7.0, 14.0, 28.0]));
    }

    #[test]
    fn products_bind_before_sums_and_signs_before_products() {
        assert_eq!(values("m1 + 2 * 3 - -1"), Ok(vec![8.0, 9.0, 11.0]));
        assert_eq!(values("(m1 + 2) * 3"), Ok(vec![9.0, 12.0, 18.0]));
    }

    #[test]
    fn lines_meet_where_both_have_a_point_that_is_a_number() {
        assert_eq!(values("m1 + m2"), Ok(vec![12.0, 4.0]));
        assert_eq!(values("m1 / m2"), Ok(vec![0.2]), "four by zero is no point");
    }

    #[test]
    fn what_is_no_line_or_not_simulated_is_refused() {
        for text in ["SUM(m1)", "1 + 1", "m1 + fine", "m1 +", "m1 m2", "(m1", "SUM(2)*m1", "m3", ""] {
            assert!(values(text).is_err(), "{text}");
        }
        for text in ["FILL(m1, 0)", "ANOMALY_DETECTION_BAND(m1)", "m1 > 2", "SEARCH('x')"] {
            let error = values(text).expect_err("not simulated");
            assert!(error.contains("does not evaluate"), "{text}: {error}");
        }
    }
}
