//! What the account answers.

use crate::app::effect::{Effect, Work};
use crate::app::message::Connected;
use crate::app::refresh::Reading;
use crate::app::screen::Screen;
use crate::app::state::{Connection, Outcome, Source, State};
use crate::domain::fleet::{Fleet, News, PartName};
use crate::domain::trouble::{Trouble, TroubleKind};

impl State {
    pub(super) fn connected(&mut self, answer: Result<Connected, Trouble>, effects: &mut Vec<Effect>) {
        match answer {
            Ok(Connected { profile, region }) => {
                self.enter(&region);
                self.session.profile = profile.or(self.session.profile.take());
                self.session.region = Some(region);
                self.survey = Outcome::default();
                self.connection = Connection::Live;
                self.ask(Reading::Everything, effects);
            }
            Err(trouble) => {
                self.survey.lost = true;
                self.connection = Connection::Trouble(trouble);
                self.plan();
            }
        }
    }

    /// What is known of another region is no use in this one.
    fn enter(&mut self, region: &str) {
        if self.fleet.region.as_deref().is_some_and(|known| known != region) {
            self.fleet = Fleet::default();
            self.source = Source::Nowhere;
            self.forget_picture();
        }
        self.fleet.region = Some(region.to_owned());
        self.stale.picture = true;
    }

    pub(super) fn hear(&mut self, news: News) {
        match &news {
            News::Identity(Ok(identity)) => {
                let known = self.fleet.identity.as_ref();
                if known.is_some_and(|known| known.account != identity.account) {
                    // The fleet forgets what it knew of the other account.
                    self.source = Source::Nowhere;
                    self.forget_picture();
                }
            }
            News::Identity(Err(trouble)) => {
                if trouble.is_about_access() {
                    self.connection = Connection::Trouble(trouble.clone());
                }
                self.survey.fails(trouble);
            }
            News::Done { part, troubles, .. } => match troubles.iter().find(|trouble| trouble.subject.is_none()) {
                None => self.survey.read |= proves_access(*part),
                Some(trouble) => self.survey.fails(trouble),
            },
            _ => {}
        }
        self.fleet.take_at(news, self.moment.now);
        self.stale.picture = true;
        for screen in Screen::ALL {
            self.rearrange(screen);
        }
    }

    pub(super) fn surveyed(&mut self, reading: Reading, effects: &mut Vec<Effect>) {
        let next = self.refresh.ended();
        self.stale.dialog = true;
        self.asked_at = self.moment.real;
        if reading == Reading::Everything {
            self.judge();
            if self.survey.read {
                effects.push(Effect::Save);
            }
            self.survey = Outcome::default();
        }
        effects.extend(next.map(Effect::Read));
        self.plan();
        self.ask_meter(effects);
    }

    /// One part that could be read proves that the account answers; what else failed darkens its own panel alone.
    fn judge(&mut self) {
        match self.survey.trouble.take() {
            _ if self.survey.read => {
                self.connection = Connection::Live;
                self.source = Source::Live;
            }
            Some(trouble) => self.connection = Connection::Trouble(trouble),
            None => {}
        }
    }

    pub(super) fn worker_lost(&mut self, work: Work, effects: &mut Vec<Effect>) {
        self.complain(format!(
            "rekotui made a mistake while it was {}; what is on screen is kept. Try again with r, and please report it.",
            work.words()
        ));
        match work {
            Work::Connecting => {
                self.survey.lost = true;
                self.connection = Connection::Trouble(Trouble::new(TroubleKind::Garbled, ""));
            }
            Work::Reading => {
                self.fleet.interrupt();
                effects.extend(self.refresh.ended().map(Effect::Read));
            }
            Work::Picturing => self.picture_lost(),
            Work::Metering => self.ledger.metering = false,
            Work::Reckoning => self.ledger.working = false,
            Work::Counting => self.counting_lost(),
        }
        self.plan();
    }
}

/// Whether a part that ended well proves that the account answered. Queues, functions and activity are only asked for what
/// the others brought: where those failed, there was nothing to ask, and that goes well without a single call.
fn proves_access(part: PartName) -> bool {
    !matches!(part, PartName::Queues | PartName::Functions | PartName::Groups | PartName::Activity)
}
