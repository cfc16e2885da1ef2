//! How things look: every colour is named by what it means, and words always stand beside it.
//!
//! The colours are those of the 256-colour palette, which every terminal of today has and which survives tmux and ssh.
//! Both coloured themes bring their own ground, so that either can be read on a dark terminal and on a light one.

use ratatui::style::{Color, Modifier, Style};

use crate::app;

/// The styles, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The ground of the whole screen, and the colour of what has none of its own.
    pub ground: Style,
    /// Plain text.
    pub text: Style,
    /// What the eye should find first.
    pub strong: Style,
    /// Context: units, headings, what is of no weight now.
    pub dim: Style,
    /// Lines and dots that only hold things together.
    pub faint: Style,
    /// Ours, ready, ran.
    pub ours: Style,
    /// The same where it fills an area, and so must be quieter.
    pub fill: Style,
    /// What is paused, where it fills an area.
    pub paused_fill: Style,
    /// In transition, or worth a look.
    pub look: Style,
    /// Wrong, or costing money.
    pub wrong: Style,
    /// Good, saved.
    pub good: Style,
    /// Paused.
    pub paused: Style,
    /// The border of the box in focus.
    pub focus: Style,
    /// A key that can be pressed.
    pub key: Style,
    /// The selected row.
    pub selected: Style,
    /// The tab in front.
    pub tab: Style,
    /// A number that wants attention.
    pub badge: Style,
    /// A number that wants it now.
    pub alarm: Style,
    /// What lies behind a dialog.
    pub veil: Style,
    /// The day strip.
    pub strip: Strip,
}

/// The colours of the day strip. `None`: characters alone tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Its colours, if it has any.
    pub colours: Option<StripColours>,
    /// The mark of the present.
    pub now: Style,
    /// What ran outside its window, where characters alone tell.
    pub overran: Style,
    /// All else, where characters alone tell.
    pub plain: Style,
}

/// The colours of the day strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripColours {
    /// Neither planned nor run.
    pub ground: Color,
    /// Planned.
    pub planned: Color,
    /// Ran as planned.
    pub ran: Color,
    /// Ran outside its window.
    pub overran: Color,
    /// Being started.
    pub lead: Color,
}

const fn colour(index: u8) -> Style {
    Style::new().fg(Color::Indexed(index))
}

const fn bold(style: Style) -> Style {
    style.add_modifier(Modifier::BOLD)
}

const NIGHT: Theme = Theme {
    ground: Style::new().fg(Color::Indexed(252)).bg(Color::Indexed(233)),
    text: Style::new(),
    strong: bold(colour(255)),
    dim: colour(245),
    faint: colour(239),
    ours: colour(80),
    fill: colour(73),
    paused_fill: colour(96),
    look: colour(215),
    wrong: colour(203),
    good: colour(114),
    paused: colour(176),
    focus: colour(73),
    key: bold(colour(80)),
    selected: Style::new().bg(Color::Indexed(236)),
    tab: bold(Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(73))),
    badge: bold(Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(215))),
    alarm: bold(Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(203))),
    veil: colour(240),
    strip: Strip {
        colours: Some(StripColours {
            ground: Color::Indexed(235),
            planned: Color::Indexed(23),
            ran: Color::Indexed(73),
            overran: Color::Indexed(167),
            lead: Color::Indexed(179),
        }),
        now: bold(colour(221)),
        overran: colour(203),
        plain: Style::new(),
    },
};

const DAY: Theme = Theme {
    ground: Style::new().fg(Color::Indexed(236)).bg(Color::Indexed(255)),
    text: Style::new(),
    strong: bold(colour(16)),
    dim: colour(242),
    faint: colour(250),
    ours: colour(30),
    fill: colour(30),
    paused_fill: colour(139),
    look: colour(130),
    wrong: colour(160),
    good: colour(28),
    paused: colour(90),
    focus: colour(30),
    key: bold(colour(30)),
    selected: Style::new().bg(Color::Indexed(253)),
    tab: bold(Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(30))),
    badge: bold(Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(130))),
    alarm: bold(Style::new().fg(Color::Indexed(231)).bg(Color::Indexed(160))),
    veil: colour(249),
    strip: Strip {
        colours: Some(StripColours {
            ground: Color::Indexed(253),
            planned: Color::Indexed(109),
            ran: Color::Indexed(30),
            overran: Color::Indexed(167),
            lead: Color::Indexed(179),
        }),
        now: bold(colour(166)),
        overran: colour(160),
        plain: Style::new(),
    },
};

// Not one colour: with NO_COLOR crossterm writes a colour as a reset, which would wipe out the reversed selection.
const MONO: Theme = Theme {
    ground: Style::new(),
    text: Style::new(),
    strong: bold(Style::new()),
    dim: Style::new().add_modifier(Modifier::DIM),
    faint: Style::new().add_modifier(Modifier::DIM),
    ours: Style::new(),
    fill: Style::new(),
    paused_fill: Style::new().add_modifier(Modifier::DIM),
    look: bold(Style::new()),
    wrong: bold(Style::new()).add_modifier(Modifier::UNDERLINED),
    good: Style::new(),
    paused: Style::new().add_modifier(Modifier::ITALIC),
    focus: Style::new(),
    key: bold(Style::new()),
    selected: Style::new().add_modifier(Modifier::REVERSED),
    tab: bold(Style::new()).add_modifier(Modifier::REVERSED),
    badge: bold(Style::new()).add_modifier(Modifier::REVERSED),
    alarm: bold(Style::new()).add_modifier(Modifier::REVERSED).add_modifier(Modifier::UNDERLINED),
    veil: Style::new().add_modifier(Modifier::DIM),
    strip: Strip {
        colours: None,
        now: bold(Style::new()),
        overran: bold(Style::new()).add_modifier(Modifier::UNDERLINED),
        plain: Style::new(),
    },
};

impl Theme {
    /// The look of a theme.
    #[must_use]
    pub fn of(theme: app::Theme) -> Self {
        match theme {
            app::Theme::Night => NIGHT,
            app::Theme::Day => DAY,
            app::Theme::Mono => MONO,
        }
    }
}
