//! Settings: defaults ← file ← environment ← flags, merged here and nowhere else.
//!
//! Every setting is one field of [`Settings`]. The command line and the environment fill one of these (flags win over
//! variables), the file fills another, and [`Config::merge`] lays the one over the other and the defaults under both.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::domain::price::OwnPrices;
use crate::domain::savings::SavingsWish;
use crate::domain::stack::StackWish;
use crate::domain::wiring::{Wish, Wishes};

/// The settings that the file, the environment and the flags share. What is `None` was not said there.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The AWS profile to use [default: the AWS chain's own]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,

    /// The AWS region to use [default: the AWS chain's own]
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,

    /// Send every call to this endpoint, e.g. that of `rekotui simulate`
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,

    /// The folder that keeps the last known fleet [default: rekotui in the user's state folder]
    #[arg(long, global = true, value_name = "DIR", env = "REKOTUI_STATE_DIR")]
    pub state_dir: Option<PathBuf>,

    /// The time zone that times are shown in [default: the workstation's]
    #[arg(long = "display-zone", global = true, value_name = "ZONE", env = "REKOTUI_ZONE")]
    pub zone: Option<Tz>,

    /// The colours of the screen
    #[arg(long, global = true, value_enum, env = "REKOTUI_THEME")]
    pub theme: Option<ThemeName>,

    /// Whether to use colour at all; NO_COLOR in the environment means `never`
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<When>,

    /// Draw with plain ASCII characters only
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", env = "REKOTUI_ASCII")]
    pub ascii: Option<bool>,

    /// Seconds between two refreshes of the whole fleet, 10 or more; 0 turns them off
    #[arg(long = "refresh", global = true, value_name = "SECONDS", env = "REKOTUI_REFRESH")]
    #[serde(rename = "refresh")]
    pub refresh_seconds: Option<u64>,

    /// Change nothing in the account, whatever is asked for
    #[arg(long = "read-only", global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", env = "REKOTUI_READ_ONLY")]
    pub read_only: Option<bool>,

    /// Profiles with which nothing is changed, whatever is asked for
    #[arg(skip)]
    pub read_only_profiles: Option<Vec<String>>,

    /// Accounts (their twelve digits) that are production: they are shown in red
    #[arg(skip)]
    pub production: Option<Vec<String>>,

    /// Which mappings and schedules serve which model, where the account itself does not prove it
    #[arg(skip)]
    pub wires: Option<Vec<Wish>>,

    /// The functions, the role and the group that new windows are made from
    #[arg(skip)]
    pub stack: Option<StackWish>,

    /// Days on which nobody works, to be skipped at a key
    #[arg(skip)]
    pub holidays: Option<Vec<String>>,

    /// What an inference hour costs
    #[arg(skip)]
    pub price: Option<OwnPrices>,

    /// What savings are counted against
    #[arg(skip)]
    pub savings: Option<SavingsWish>,

    /// The day that weeks begin with on the screen
    #[arg(skip)]
    pub week_start: Option<WeekStart>,
}

/// The day that weeks begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekStart {
    /// Monday.
    Monday,
    /// Sunday.
    Sunday,
}

impl WeekStart {
    /// As the locale of the environment says (`LC_ALL`, `LC_TIME`, `LANG`, the first that says something): Sunday in the
    /// larger countries where calendars begin with it (Unicode CLDR, first day of the week), else Monday. The setting
    /// `week_start` wins over it.
    #[must_use]
    pub fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        const SUNDAY: [&str; 24] = [
            "US", "CA", "MX", "BR", "CO", "PE", "VE", "GT", "IL", "JP", "KR", "TW", "HK", "PH", "TH", "ID", "IN", "PK",
            "SG", "ZA", "KE", "SA", "PT", "BD",
        ];
        let said = ["LC_ALL", "LC_TIME", "LANG"].into_iter().filter_map(variable).find(|said| !said.is_empty());
        let country = said.as_deref().and_then(|said| said.split_once('_')).map(|(_, country)| country);
        let country = country.and_then(|country| country.get(..2)).unwrap_or_default();
        if SUNDAY.contains(&country) { Self::Sunday } else { Self::Monday }
    }

    /// The day.
    #[must_use]
    pub fn day(self) -> chrono::Weekday {
        match self {
            Self::Monday => chrono::Weekday::Mon,
            Self::Sunday => chrono::Weekday::Sun,
        }
    }
}

/// The colours of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ThemeName {
    /// For dark terminals.
    #[default]
    Night,
    /// For light terminals.
    Day,
    /// No colour: bold, dim, reversed and underlined only.
    Mono,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Unless NO_COLOR is set.
    #[default]
    Auto,
    /// Even if NO_COLOR is set.
    Always,
    /// Never.
    Never,
}

/// All settings, complete.
#[derive(Clone, Debug)]
pub struct Config {
    /// The AWS profile, if one was named.
    pub profile: Option<String>,
    /// The AWS region, if one was named.
    pub region: Option<String>,
    /// The endpoint for every call, if one was named.
    pub endpoint_url: Option<String>,
    /// The folder that keeps the last known fleet.
    pub state_dir: PathBuf,
    /// The zone that times are shown in.
    pub zone: Tz,
    /// The colours.
    pub theme: ThemeName,
    /// Whether to draw with ASCII only.
    pub ascii: bool,
    /// How long to wait between two refreshes of the whole fleet; `None`: only when asked.
    pub refresh: Option<Duration>,
    /// Whether nothing may be changed in the account.
    pub read_only: bool,
    /// Accounts that are production.
    pub production: Vec<String>,
    /// What the user says about the account: wiring, stack, holidays.
    pub wishes: Wishes,
    /// The day that weeks begin with on the screen.
    pub week_start: WeekStart,
    /// The folder in which a file of keys may lie.
    pub folder: Option<PathBuf>,
}

/// Why the settings cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// The file is not what it should be; the text says where and why.
    Wrong(PathBuf, String),
    /// The user has no home folder to keep anything in.
    Homeless,
    /// A value is out of its range.
    OutOfRange(String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => {
                write!(
                    f,
                    "The settings in {} cannot be read: {error}. Check the path given to --config.",
                    path.display()
                )
            }
            Self::Wrong(path, why) => write!(f, "The settings in {} are wrong: {why}", path.display()),
            Self::Homeless => write!(f, "There is no home folder. Name a folder for the state with --state-dir."),
            Self::OutOfRange(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file (the one named, which must exist, or the usual one, which need not) and merges everything.
    ///
    /// # Errors
    /// When the file cannot be read or holds something unknown, or a value is out of its range.
    pub fn load(flags: Settings, file: Option<&Path>) -> Result<Self, ConfigError> {
        let folders = etcetera::base_strategy::choose_native_strategy().ok();
        let folder = folders.as_ref().map(|folders| folders.config_dir().join("rekotui"));
        let usual = folder.as_ref().map(|folder| folder.join("config.toml"));
        let settings = match (file, usual) {
            (Some(named), _) => read(named)?,
            (None, Some(usual)) if usual.exists() => read(&usual)?,
            (None, _) => Settings::default(),
        };
        let state = folders.and_then(|folders| Some(folders.state_dir()?.join("rekotui")));
        Ok(Self { folder, ..Self::merge(flags, settings, state)? })
    }

    /// Lays the flags over the file and the defaults under both.
    ///
    /// # Errors
    /// When a value is out of its range, or there is no folder for the state.
    pub fn merge(flags: Settings, file: Settings, state_dir: Option<PathBuf>) -> Result<Self, ConfigError> {
        let seconds = flags.refresh_seconds.or(file.refresh_seconds).unwrap_or(60);
        if (1..10).contains(&seconds) {
            return Err(ConfigError::OutOfRange(format!(
                "A refresh every {seconds} s would press AWS's call rates. Give 10 s or more, or 0 for none."
            )));
        }
        let colourless = match flags.color.or(file.color).unwrap_or_default() {
            When::Never => true,
            When::Always => false,
            When::Auto => std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
        };
        let theme = flags.theme.or(file.theme).unwrap_or_default();
        let profile = flags.profile.clone().or_else(|| file.profile.clone());
        let read_only = is_read_only(flags.read_only, &file, profile.as_deref());
        Ok(Self {
            region: flags.region.or(file.region),
            endpoint_url: flags.endpoint_url.or(file.endpoint_url),
            state_dir: flags.state_dir.or(file.state_dir).or(state_dir).ok_or(ConfigError::Homeless)?,
            zone: flags.zone.or(file.zone).unwrap_or_else(workstation_zone),
            theme: if colourless { ThemeName::Mono } else { theme },
            ascii: flags.ascii.or(file.ascii).unwrap_or(false),
            refresh: (seconds > 0).then(|| Duration::from_secs(seconds)),
            read_only,
            profile,
            production: file.production.unwrap_or_default(),
            week_start: file.week_start.unwrap_or_else(|| WeekStart::of_locale(|name| std::env::var(name).ok())),
            wishes: Wishes {
                wires: file.wires.unwrap_or_default(),
                stack: file.stack.map(checked).transpose()?,
                prices: file.price.map(affordable).transpose()?.unwrap_or_default(),
                savings: file.savings.unwrap_or_default(),
                holidays: file.holidays.unwrap_or_default().iter().map(|text| date(text)).collect::<Result<_, _>>()?,
            },
            folder: None,
        })
    }
}

impl Config {
    /// The user's own file of keys, `keys.toml` beside the settings, if there is one.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn keys(&self) -> Result<Option<String>, ConfigError> {
        let Some(file) = self.folder.as_ref().map(|folder| folder.join("keys.toml")).filter(|file| file.exists())
        else {
            return Ok(None);
        };
        std::fs::read_to_string(&file).map(Some).map_err(|error| ConfigError::Unreadable(file, error))
    }

    /// Profile, region and endpoint as far as they are known before any call, for the store to tell fleets apart;
    /// empty where only the AWS chain will know.
    #[must_use]
    pub fn session(&self) -> [String; 3] {
        let known = |setting: &Option<String>, variables: &[&str]| {
            let variable = || variables.iter().find_map(|name| std::env::var(name).ok());
            setting.clone().or_else(variable).unwrap_or_default()
        };
        [
            known(&self.profile, &["AWS_PROFILE"]),
            known(&self.region, &["AWS_REGION", "AWS_DEFAULT_REGION"]),
            known(&self.endpoint_url, &["AWS_ENDPOINT_URL"]),
        ]
    }
}

fn date(text: &str) -> Result<NaiveDate, ConfigError> {
    text.parse().map_err(|_| {
        ConfigError::OutOfRange(format!("The holiday '{text}' in the settings is no date; one looks like 2026-12-25."))
    })
}

/// The prices, if they can be prices.
fn affordable(prices: OwnPrices) -> Result<OwnPrices, ConfigError> {
    match prices.inference_hour.iter().chain(prices.regions.values()).find(|usd| !(0.0..1_000.0).contains(*usd)) {
        Some(usd) => Err(ConfigError::OutOfRange(format!(
            "{usd} under [price] in the settings is not what an inference hour can cost; it is in US dollars, such as 4.00."
        ))),
        None => Ok(prices),
    }
}

/// The stack, if its ARNs are of what they should be.
fn checked(stack: StackWish) -> Result<StackWish, ConfigError> {
    if let Some((key, arn, what)) = stack.wrong() {
        return Err(ConfigError::OutOfRange(format!(
            "'{key}' under [stack] in the settings is to be the ARN of {what}, and '{arn}' is none."
        )));
    }
    Ok(stack)
}

/// Whether the session is read-only: by flag or variable, else by the profile, else by the file.
fn is_read_only(flag: Option<bool>, file: &Settings, profile: Option<&str>) -> bool {
    let variable = std::env::var("AWS_PROFILE").ok();
    let profile = profile.or(variable.as_deref()).unwrap_or("default");
    let by_profile = file.read_only_profiles.iter().flatten().any(|known| known == profile);
    flag.unwrap_or(by_profile || file.read_only.unwrap_or(false))
}

fn read(path: &Path) -> Result<Settings, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
    toml::from_str(&text).map_err(|error| ConfigError::Wrong(path.to_owned(), error.to_string()))
}

/// The zone of the workstation; UTC where it has none that the zone table knows.
fn workstation_zone() -> Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}
