//! The characters that mean something, in a fancy and a plain set.

use ratatui::symbols::border;

/// A set of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// Running, enabled, live.
    pub on: &'static str,
    /// Stopped, at rest.
    pub off: &'static str,
    /// In transition.
    pub moving: &'static str,
    /// Failed, or wrong.
    pub wrong: &'static str,
    /// Worth a look.
    pub look: &'static str,
    /// Good to know.
    pub note: &'static str,
    /// Paused.
    pub paused: &'static str,
    /// Proven.
    pub proof: &'static str,
    /// Guessed.
    pub guess: &'static str,
    /// The selected row.
    pub cursor: &'static str,
    /// A marked row.
    pub mark: &'static str,
    /// Sorted with the smallest first.
    pub rising: &'static str,
    /// Sorted with the largest first.
    pub falling: &'static str,
    /// Nothing to show.
    pub none: &'static str,
    /// A cut text.
    pub cut: &'static str,
    /// From one thing to another.
    pub arrow: &'static str,
    /// The steps of a spinner.
    pub spinner: [&'static str; 4],
    /// The strip without colours: nothing, planned, ran, both, ran outside its window.
    pub strip: [&'static str; 5],
    /// The present in a strip.
    pub now: &'static str,
    /// A cell of the week in which the model is to run, and one in which it is not.
    pub week: [&'static str; 2],
    /// The week editor: starting, ready, ready anew where there are no colours, taken away, nothing on the full hour and
    /// after it.
    pub editor: [&'static str; 6],
    /// Where a table stands in its rows, on the border of its box.
    pub thumb: &'static str,
    /// The border of a box.
    pub border: border::Set<'static>,
}

const FANCY: Symbols = Symbols {
    on: "●",
    off: "○",
    moving: "◐",
    wrong: "✖",
    look: "▲",
    note: "•",
    paused: "‖",
    proof: "✔",
    guess: "?",
    cursor: "▌",
    mark: "◆",
    rising: "▲",
    falling: "▼",
    none: "–",
    cut: "…",
    arrow: "→",
    spinner: ["◐", "◓", "◑", "◒"],
    strip: ["·", "▔", "▄", "█", "!"],
    now: "┃",
    week: ["█", "·"],
    editor: ["▓", "█", "▚", "▒", "╌", "·"],
    thumb: "┃",
    border: border::ROUNDED,
};

const ASCII: Symbols = Symbols {
    on: "*",
    off: "o",
    moving: "~",
    wrong: "x",
    look: "!",
    note: "-",
    paused: "=",
    proof: "+",
    guess: "?",
    cursor: ">",
    mark: "#",
    rising: "^",
    falling: "v",
    none: "-",
    cut: "~",
    arrow: ">",
    spinner: ["|", "/", "-", "\\"],
    strip: [".", "-", "_", "#", "!"],
    now: "|",
    week: ["#", "."],
    editor: [":", "#", "+", "x", "-", "."],
    thumb: "#",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

impl Symbols {
    /// The plain set if `ascii`, else the fancy one.
    #[must_use]
    pub fn of(ascii: bool) -> Self {
        if ascii { ASCII } else { FANCY }
    }
}
