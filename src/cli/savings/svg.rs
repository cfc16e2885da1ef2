//! The paper that charts are drawn on: colours, axis, coordinates and text that cannot break out of its place.

use std::fmt::Write as _;

/// The colours on white: teal ran, red overran, green was saved, grey is context and unknown.
pub(super) const LIGHT: &str = "--ran:#0d7f77;--over:#c62f2f;--saved:#2c9a4b;--grey:#7b838e;--ink:#1b232d;--faint:#5b6470;\
                                --line:#d6dbe1;--paper:#ffffff;--soft:#f4f6f8";
/// The colours on black.
pub(super) const DARK: &str = "--ran:#2fb5aa;--over:#f0625f;--saved:#4cc26d;--grey:#8a93a0;--ink:#e6eaef;--faint:#a3acb8;\
                               --line:#343c47;--paper:#14181d;--soft:#1c2229";
/// How the parts of charts look.
pub(super) const LOOK: &str = ".ran{fill:var(--ran)}.over{fill:var(--over)}.saved{fill:var(--saved);fill-opacity:.3}\
    .heat{fill:var(--saved)}.unknown{stroke:var(--grey);stroke-width:.6}.hatching{stroke:var(--grey);stroke-width:1.6}\
    .slit{stroke:var(--paper);stroke-width:.8}.plan{stroke:var(--ink);stroke-width:1.6;fill:none}\
    .rule{stroke:var(--line);stroke-width:1}.curve{stroke:var(--saved);stroke-width:2.2;fill:none;stroke-linejoin:round}\
    .under{fill:var(--saved);fill-opacity:.14}.cell{fill:none;stroke:var(--line)}\
    svg text{fill:var(--ink);font:11px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}\
    svg .quiet{fill:var(--faint)}svg .strong{font-weight:600}";

/// A chart: what it is called, what it shows in a sentence, and its shapes.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    /// What distinguishes the names of its patterns from those of other charts of the page.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// What it shows, for whoever cannot see it.
    pub(super) desc: String,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) body: String,
}

impl Chart {
    /// As a part of a page that has the colours and the look.
    pub(super) fn inline(&self) -> String {
        self.with("")
    }

    /// As a picture of its own.
    pub(super) fn picture(&self) -> String {
        let dark = format!("@media (prefers-color-scheme:dark){{svg{{{DARK};background:var(--paper)}}}}");
        self.with(&format!("<style>svg{{{LIGHT}}}{dark}{LOOK}</style>"))
    }

    fn with(&self, style: &str) -> String {
        let Self { id, title, desc, width, height, body } = self;
        let (width, height) = (px(*width), px(*height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{}</title>\
             <desc id=\"{id}-desc\">{}</desc>{style}<defs>\
             <pattern id=\"{id}-hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><line class=\"hatching\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\"/></pattern>\
             <pattern id=\"{id}-slits\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\">\
             <line class=\"slit\" x1=\"0\" y1=\"0\" x2=\"4\" y2=\"0\"/></pattern></defs>{body}</svg>\n",
            escape(title),
            escape(desc)
        )
    }
}

/// Text for HTML and for SVG: nothing in it is markup, and nothing steers whatever shows it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A coordinate.
pub(super) fn px(at: f64) -> String {
    if at.is_finite() { format!("{}", (at * 100.0).round() / 100.0 + 0.0) } else { "0".into() }
}

/// A number of things as a length; charts have no more of them than fit into 32 bits.
pub(super) fn many(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A rectangle with a tooltip; nothing, if it has no area.
pub(super) fn rect(body: &mut String, look: &str, (x, y): (f64, f64), (width, height): (f64, f64), told: &str) {
    if width > 0.0 && height > 0.004 {
        let (x, y, width, height) = (px(x), px(y), px(width), px(height));
        let told = if told.is_empty() { String::new() } else { format!("<title>{}</title>", escape(told)) };
        let _ = write!(body, "<rect {look} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\">{told}</rect>");
    }
}

/// A line.
pub(super) fn line(body: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let (x1, y1, x2, y2) = (px(from.0), px(from.1), px(to.0), px(to.1));
    let _ = write!(body, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
}

/// A text, anchored at its `start`, `middle` or `end`.
pub(super) fn text(body: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), said: &str) {
    let (x, y) = (px(x), px(y));
    let _ =
        write!(body, "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(said));
}

/// An upright axis from `low` to `high`, between two coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Axis {
    /// An axis that holds nought and both values, with a handful of round marks.
    pub(super) fn over(low: f64, high: f64, top: f64, bottom: f64) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let wide = if high - low > 0.0 { high - low } else { 1.0 };
        let size = 10_f64.powf((wide / 4.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * size).into_iter().find(|step| wide / step <= 5.0);
        let step = step.unwrap_or(wide);
        let high = if high - low > 0.0 { high } else { 1.0 };
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step, top, bottom }
    }

    /// Where a value lies.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)
    }

    /// How long so many are.
    pub(super) fn length(&self, value: f64) -> f64 {
        value.max(0.0) / (self.high - self.low) * (self.bottom - self.top)
    }

    /// Draws the marks and their lines from one side to the other.
    pub(super) fn draw(&self, body: &mut String, left: f64, right: f64) {
        let mut mark = self.low;
        while mark <= self.high + self.step / 2.0 {
            let y = self.y(mark);
            line(body, "rule", (left, y), (right, y));
            let decimals = [1.0, 0.1, 0.01].iter().take_while(|fine| self.step < **fine).count();
            text(body, "quiet", "end", (left - 6.0, y + 4.0), &format!("{:.decimals$}", mark + 0.0));
            mark += self.step;
        }
    }
}
