//! What an inference hour costs.

/// AWS's list price of one inference hour in US dollars, in the regions whose price could be verified: $4.00, from the
/// READMEs of AWS's own Custom Labels demos. AWS publishes no table by region, so it is an assumption elsewhere.
pub const LIST_PRICE_USD: f64 = 4.0;

/// Dollars for so many inference hours at the list price, as people write them: `$8.00`, and `$1,234` from a thousand on.
#[must_use]
pub fn dollars(amount: f64) -> String {
    if amount >= 1_000.0 {
        let whole = format!("{amount:.0}");
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("${grouped}")
    } else {
        format!("${amount:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_people_write_it() {
        assert_eq!(dollars(8.0), "$8.00");
        assert_eq!(dollars(999.99), "$999.99");
        assert_eq!(dollars(1_234.4), "$1,234");
        assert_eq!(dollars(1_234_567.0), "$1,234,567");
    }
}
