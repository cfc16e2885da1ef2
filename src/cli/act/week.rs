//! `rekotui window`: the week of a model, shown or asked for.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use clap::Args;
use serde_json::{Value, json};

use super::args::Manner;
use crate::cli::text::{Table, clean};
use crate::domain::asked;
use crate::domain::model::ModelArn;
use crate::domain::plan::Ground;
use crate::domain::plan::week::{Draft, Habits, Outlook, Sums, one_off, outlook};
use crate::domain::price::{Price, dollars};
use crate::domain::week::Pattern;

/// What is asked of the week of a model.
#[derive(Args, Clone, Debug)]
pub struct Window {
    /// The model: ARN, project/version, or a part of that which fits one alone
    pub model: String,
    /// Show the week as it is (this is the default)
    #[arg(long, conflicts_with_all = ["set", "zone_wanted", "lead", "skip", "unskip", "once", "drop_once", "take_mappings"])]
    pub show: bool,
    /// When it is to be ready: 'Mon-Fri 09:00-17:00, Sat 10-14', 'office hours', 'extended', 'never', 'always'
    #[arg(long, value_name = "WEEK")]
    pub set: Option<String>,
    /// The zone of its times [default: as it is; for a model without schedules the display zone]
    // A setting of the whole program is called `zone`.
    #[arg(long = "zone", value_name = "ZONE")]
    pub zone_wanted: Option<Tz>,
    /// With another zone: keep the instants of starts and stops, and not their wall times
    #[arg(long, requires = "zone_wanted", conflicts_with = "set")]
    pub keep_instants: bool,
    /// How long before opening the start fires: 30m [default: as it is, else from how long earlier starts took]
    #[arg(long, value_name = "LENGTH", value_parser = asked::length)]
    pub lead: Option<TimeDelta>,
    /// Do not start it on this day: 2026-12-25; 'holidays' are those of the settings within a year
    #[arg(long, value_name = "DATE")]
    pub skip: Vec<String>,
    /// Start it on this day after all; 'all' are all days that are skipped
    #[arg(long, value_name = "DATE")]
    pub unskip: Vec<String>,
    /// Open it once: '2026-11-28 10:00-14:00'
    #[arg(long, value_name = "WINDOW")]
    pub once: Vec<String>,
    /// Take such a window back
    #[arg(long, value_name = "WINDOW")]
    pub drop_once: Vec<String>,
    /// Have its schedules switch every mapping that serves it, also those that came later, and none that is gone
    #[arg(long)]
    pub take_mappings: bool,
    /// How to go about it.
    #[command(flatten)]
    pub manner: Manner,
}

impl Window {
    /// Whether the week is only shown.
    #[must_use]
    pub fn shows(&self) -> bool {
        let nothing = self.set.is_none() && self.zone_wanted.is_none() && self.lead.is_none() && !self.take_mappings;
        let listed = [&self.skip, &self.unskip, &self.once, &self.drop_once];
        self.show || (nothing && listed.iter().all(|list| list.is_empty()))
    }

    /// The week that is asked for, from the one that there is.
    ///
    /// # Errors
    /// When a part of it is no use, as a sentence.
    pub fn asked(&self, mut draft: Draft, ground: Ground<'_>) -> Result<Draft, String> {
        draft.takes_mappings = self.take_mappings;
        if let Some(zone) = self.zone_wanted {
            draft.move_to(zone, self.keep_instants, ground.now);
        }
        if let Some(lead) = self.lead {
            let minutes = u16::try_from(lead.num_minutes()).ok().filter(|minutes| *minutes < 12 * 60);
            draft.lead_by(minutes.ok_or("A lead time of half a day or more makes no sense.")?);
        }
        if let Some(week) = &self.set {
            draft.pattern = Pattern::parse(week, draft.lead)?;
        }
        let today = ground.now.with_timezone(&draft.zone).date_naive();
        for said in &self.skip {
            if said == "holidays" {
                let coming = today..today + chrono::Days::new(366);
                draft.skipped.extend(ground.wishes.holidays.range(coming).copied());
                continue;
            }
            let date = date(said)?;
            if date < today {
                return Err(format!("{date} has passed already."));
            }
            draft.skipped.insert(date);
        }
        for said in &self.unskip {
            match said.as_str() {
                "all" => draft.skipped.clear(),
                said => {
                    let date = date(said)?;
                    if !draft.skipped.remove(&date) {
                        return Err(format!("{date} is not skipped."));
                    }
                }
            }
        }
        for said in &self.once {
            let window = one_off(said)?;
            if !draft.once.contains(&window) {
                draft.once.push(window);
            }
        }
        for said in &self.drop_once {
            let window = one_off(said)?;
            let at = draft.once.iter().position(|known| *known == window);
            draft.once.remove(at.ok_or_else(|| format!("There is no one-off window {}.", window.words()))?);
        }
        Ok(draft)
    }
}

fn date(text: &str) -> Result<NaiveDate, String> {
    text.trim().parse().map_err(|_| format!("'{text}' is no date; one looks like 2026-12-25."))
}

/// The week of a model as lines.
pub(super) fn lines(ground: Ground<'_>, model: &ModelArn, draft: &Draft, habits: Habits) -> Vec<String> {
    let outlook = outlook(ground, model, draft, habits);
    let mut lines = Vec::new();
    let lead = if draft.pattern.is_never() || draft.pattern.is_always() {
        String::new()
    } else {
        format!(", started {} min earlier", draft.lead)
    };
    lines.push(format!("{}: ready {}, {}{lead}", model.name(), draft.pattern.sentence(), draft.zone));
    lines.push(sums(outlook.after, &ground.price()));
    if !outlook.lines.is_empty() {
        lines.push(String::new());
        let mut table = Table::new(&["SCHEDULE", "EXPRESSION", ""]);
        for line in &outlook.lines {
            let word = if line.fate.word() == "left alone" { "not of every week" } else { "" };
            table.row([line.name.clone(), line.before.clone().unwrap_or_default(), word.into()]);
        }
        let mut text = Vec::new();
        if table.write(&mut text).is_ok() {
            lines.extend(String::from_utf8_lossy(&text).lines().map(str::to_owned));
        }
    }
    for (what, fires) in [("Next starts", &outlook.starts), ("Next stops", &outlook.stops)] {
        let said: Vec<String> = fires.iter().map(|at| local(*at, draft.zone)).collect();
        if !said.is_empty() {
            lines.push(format!("{what}: {}", said.join(", ")));
        }
    }
    if !draft.skipped.is_empty() {
        let days: Vec<String> = draft.skipped.iter().map(|date| date.format("%a %-d %b %Y").to_string()).collect();
        lines.push(format!("Skipped: {}", days.join(", ")));
    }
    lines.extend(draft.once.iter().map(|once| format!("One-off: {}", once.words())));
    lines.extend(outlook.notes.iter().map(|note| match note.tone {
        crate::domain::plan::Tone::Info => format!("   {}", clean(&note.text)),
        _ => format!("!  {}", clean(&note.text)),
    }));
    lines.extend(outlook.refused.iter().map(|why| format!("!! {}", clean(why))));
    lines
}

fn sums(sums: Sums, price: &Price) -> String {
    format!(
        "{:.1} h a week, about {} a month at {} an inference hour, which is {}; {:.0} % less than always on",
        sums.hours,
        dollars(sums.money),
        dollars(price.usd),
        price.kind(),
        sums.saved * 100.0
    )
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %-d %b %H:%M").to_string()
}

fn instant(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The week of a model as JSON.
pub(super) fn week_json(ground: Ground<'_>, model: &ModelArn, draft: &Draft, habits: Habits) -> Value {
    let outlook: Outlook = outlook(ground, model, draft, habits);
    let windows: Vec<Value> = draft
        .pattern
        .openings()
        .iter()
        .map(|opening| json!({"ready": clock(opening.ready), "closes": clock(opening.closes()), "lead_minutes": opening.lead}))
        .collect();
    let schedules: Vec<Value> = outlook
        .lines
        .iter()
        .map(|line| json!({"name": line.name, "expression": line.before, "weekly": line.fate.word() != "left alone"}))
        .collect();
    json!({
        "arn": model.as_str(),
        "model": model.name(),
        "week": draft.pattern.sentence(),
        "zone": draft.zone.name(),
        "lead_minutes": draft.lead,
        "windows": windows,
        "hours_a_week": outlook.after.hours,
        "money_a_month": outlook.after.money,
        "saved": outlook.after.saved,
        "schedules": schedules,
        "next_starts": outlook.starts.iter().map(instant).collect::<Vec<_>>(),
        "next_stops": outlook.stops.iter().map(instant).collect::<Vec<_>>(),
        "skipped": draft.skipped,
        "once": draft.once.iter().map(|once| json!({"ready": once.ready, "closes": once.closes})).collect::<Vec<_>>(),
        "notes": outlook.notes,
    })
}

fn clock(minute: u16) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = DAYS.get(usize::from(minute / 1_440)).copied().unwrap_or_default();
    format!("{day} {:02}:{:02}", minute % 1_440 / 60, minute % 60)
}
