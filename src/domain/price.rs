//! What an inference hour costs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

/// The prices that come with rekotui, and where they are from.
const TABLE: &str = include_str!("../../assets/prices.toml");

/// One price of the table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// US dollars for an inference hour.
    usd: f64,
    /// Who says so.
    source: String,
    /// When that was looked up.
    checked: NaiveDate,
}

/// The table: a price for all, and prices of single regions.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Table {
    #[serde(flatten)]
    all: Told,
    #[serde(default)]
    regions: BTreeMap<String, Told>,
}

static PRICES: LazyLock<Option<Table>> = LazyLock::new(|| toml::from_str(TABLE).ok());

/// Prices that the user knows better, in US dollars for an inference hour.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnPrices {
    /// For every region that is not named.
    pub inference_hour: Option<f64>,
    /// For single regions.
    #[serde(default)]
    pub regions: BTreeMap<String, f64>,
}

/// The price of an inference hour in a region, and why it is believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// US dollars for an inference hour.
    pub usd: f64,
    /// Where it comes from, in words.
    pub source: String,
    /// Whether the user has said so; else it is assumed.
    pub own: bool,
}

impl Default for Price {
    fn default() -> Self {
        Self::of(None, &OwnPrices::default())
    }
}

impl Price {
    /// The price in a region: the user's own, or else what AWS is said to ask there, or else anywhere.
    #[must_use]
    pub fn of(region: Option<&str>, own: &OwnPrices) -> Self {
        let named = region.unwrap_or("this region");
        if let Some(usd) = region.and_then(|region| own.regions.get(region)).or(own.inference_hour.as_ref()) {
            return Self { usd: *usd, source: "from the configuration file".into(), own: true };
        }
        let Some(table) = PRICES.as_ref() else {
            return Self { usd: 0.0, source: "no price is known".into(), own: false };
        };
        match region.and_then(|region| table.regions.get(region)) {
            Some(told) => Self {
                usd: told.usd,
                source: format!("assumed list price of {named}: {}, {}", told.source, told.checked.format("%-d %b %Y")),
                own: false,
            },
            None => Self {
                usd: table.all.usd,
                source: format!(
                    "assumed list price; that of {named} is not known: {}, {}",
                    table.all.source,
                    table.all.checked.format("%-d %b %Y")
                ),
                own: false,
            },
        }
    }

    /// What kind of a price it is: `an assumption`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.own { "your own price" } else { "an assumption" }
    }

    /// `$4.00 an inference hour (assumed …)`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} an inference hour ({})", dollars(self.usd), self.source)
    }
}

/// US dollars as people write them: `$8.00`, and `$1,234` from a thousand on.
#[must_use]
pub fn dollars(amount: f64) -> String {
    let sign = if amount <= -0.005 { "-" } else { "" };
    let amount = amount.abs();
    if amount >= 999.995 {
        let whole = format!("{amount:.0}");
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{sign}${grouped}")
    } else {
        format!("{sign}${amount:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_people_write_it() {
        assert_eq!(dollars(8.0), "$8.00");
        assert_eq!(dollars(999.99), "$999.99");
        assert_eq!(dollars(999.999), "$1,000");
        assert_eq!(dollars(1_234.4), "$1,234");
        assert_eq!(dollars(1_234_567.0), "$1,234,567");
        assert_eq!(dollars(-12.5), "-$12.50");
        assert_eq!(dollars(-0.001), "$0.00");
    }

    #[test]
    fn each_price_says_why_it_is_believed() {
        let none = OwnPrices::default();
        let told = Price::of(Some("us-east-1"), &none);
        assert_eq!(told.usd, 4.0);
        assert!(
            told.words().starts_with("$4.00 an inference hour (assumed list price of us-east-1: "),
            "{}",
            told.words()
        );
        let elsewhere = Price::of(Some("eu-central-1"), &none);
        assert!(elsewhere.source.contains("eu-central-1 is not known"), "{}", elsewhere.source);
    }

    #[test]
    fn the_user_knows_better() {
        let own = OwnPrices { inference_hour: Some(3.5), regions: [("eu-west-1".to_owned(), 4.4)].into() };
        let usd = |region| Price::of(Some(region), &own).usd;
        assert_eq!((usd("eu-west-1"), usd("us-east-1")), (4.4, 3.5));
        assert!(Price::of(None, &own).source.contains("configuration"));
    }
}
