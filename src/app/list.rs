//! A list on a screen: its order, its filter, and which row is selected.

use std::cell::Cell;

use tui_input::Input;

use super::columns::ColumnId;
use super::filter::Filter;

/// By what a table is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: ColumnId,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// How far something is scrolled.
///
/// How much fits is only known while it is drawn: whoever draws asks [`Scroll::fit`], which keeps the answer within
/// what there is.
#[derive(Clone, Debug, Default)]
pub struct Scroll {
    top: Cell<usize>,
    height: Cell<usize>,
}

impl Scroll {
    /// The first line to draw, for `content` lines in a window of `height` lines.
    pub fn fit(&self, content: usize, height: usize) -> usize {
        self.height.set(height);
        self.top.set(self.top.get().min(content.saturating_sub(height)));
        self.top.get()
    }

    /// As [`Scroll::fit`], such that the line `shown` is within the window.
    pub fn follow(&self, content: usize, height: usize, shown: Option<usize>) -> usize {
        if let Some(line) = shown {
            let lowest = (line + 1).saturating_sub(height.max(1));
            self.top.set(self.top.get().clamp(lowest, line.max(lowest)));
        }
        self.fit(content, height)
    }

    /// The height of the window when it was last drawn; 1 before that.
    #[must_use]
    pub fn page(&self) -> usize {
        self.height.get().max(1)
    }

    /// Moves by so many lines; the end is found when it is drawn.
    pub fn by(&self, lines: isize) {
        self.top.set(self.top.get().saturating_add_signed(lines));
    }

    /// Goes to the first line.
    pub fn to_top(&self) {
        self.top.set(0);
    }

    /// Goes to the last lines.
    pub fn to_bottom(&self) {
        self.top.set(usize::MAX / 2);
    }
}

/// The rows of a screen by their keys, filtered and in order.
#[derive(Clone, Debug)]
pub struct List<K> {
    rows: Vec<K>,
    total: usize,
    selected: Option<K>,
    index: Option<usize>,
    touched: bool,
    /// By what it is sorted.
    pub sort: Sort,
    /// The column that the sort keys would pick.
    pub cursor: ColumnId,
    /// The filter as it is typed.
    pub input: Input,
    pub(super) filter: Filter,
    /// How far it is scrolled.
    pub scroll: Scroll,
}

impl<K: Clone + Eq> List<K> {
    /// An empty list with this order.
    #[must_use]
    pub fn sorted_by(column: ColumnId, descending: bool) -> Self {
        Self {
            rows: Vec::new(),
            total: 0,
            selected: None,
            index: None,
            touched: false,
            sort: Sort { column, descending },
            cursor: column,
            input: Input::default(),
            filter: Filter::default(),
            scroll: Scroll::default(),
        }
    }

    /// The keys of the rows that pass the filter, in order.
    #[must_use]
    pub fn rows(&self) -> &[K] {
        &self.rows
    }

    /// How many rows there are without the filter.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// The key of the selected row.
    #[must_use]
    pub fn selected(&self) -> Option<&K> {
        self.selected.as_ref()
    }

    /// Where the selected row is among [`List::rows`].
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Whether a filter holds rows back.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.filter.is_empty()
    }

    /// Which of the rows to draw in a window of `height` rows; the selected one is among them.
    #[must_use]
    pub fn window(&self, height: usize) -> &[K] {
        let top = self.scroll.follow(self.rows.len(), height, self.index);
        self.rows.get(top..self.rows.len().min(top + height)).unwrap_or_default()
    }

    /// Takes on new rows. The selection stays on its row wherever that went; if it is gone, on its place. Until the
    /// operator has moved, it stays at the top: while rows still come in it would else wander off.
    pub(super) fn arrange(&mut self, rows: Vec<K>, total: usize) {
        self.rows = rows;
        self.total = total;
        let found = self.selected.as_ref().filter(|_| self.touched).and_then(|key| self.position(key));
        let place = if self.touched { self.index.unwrap_or(0) } else { 0 };
        self.point(found.unwrap_or(place));
    }

    fn position(&self, key: &K) -> Option<usize> {
        self.rows.iter().position(|row| row == key)
    }

    fn point(&mut self, index: usize) {
        self.index = self.rows.len().checked_sub(1).map(|last| index.min(last));
        self.selected = self.index.and_then(|index| self.rows.get(index)).cloned();
    }

    /// Selects the row with this key, if it is there.
    pub(super) fn select(&mut self, key: &K) -> bool {
        let found = self.position(key);
        if let Some(index) = found {
            self.touched = true;
            self.point(index);
        }
        found.is_some()
    }

    pub(super) fn step(&mut self, by: isize) {
        self.touched = true;
        self.point(self.index.unwrap_or(0).saturating_add_signed(by));
    }

    pub(super) fn page(&mut self, by: isize) {
        let page = isize::try_from(self.scroll.page().saturating_sub(1).max(1)).unwrap_or(1);
        self.step(by * page);
    }

    pub(super) fn top(&mut self) {
        self.touched = false;
        self.point(0);
    }

    pub(super) fn bottom(&mut self) {
        self.touched = true;
        self.point(usize::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rows: &[&'static str]) -> List<&'static str> {
        let mut list = List::sorted_by(ColumnId::Name, false);
        list.arrange(rows.to_vec(), rows.len());
        list
    }

    #[test]
    fn a_selection_goes_with_its_row() {
        let mut list = list(&["b", "c", "d"]);
        list.step(1);
        list.arrange(vec!["a", "b", "c", "d"], 4);
        assert_eq!((list.selected(), list.index()), (Some(&"c"), Some(2)));
    }

    #[test]
    fn a_selection_whose_row_is_gone_stays_in_its_place() {
        let mut list = list(&["a", "b", "c"]);
        list.bottom();
        list.arrange(vec!["a", "b"], 2);
        assert_eq!(list.selected(), Some(&"b"));
        list.arrange(vec![], 0);
        assert_eq!((list.selected(), list.index()), (None, None));
        list.arrange(vec!["x"], 1);
        assert_eq!(list.selected(), Some(&"x"));
    }

    #[test]
    fn an_untouched_selection_stays_at_the_top() {
        let mut list = list(&["m"]);
        list.arrange(vec!["a", "m", "z"], 3);
        assert_eq!(list.selected(), Some(&"a"));
    }

    #[test]
    fn the_window_holds_the_selection() {
        let mut list = list(&["a", "b", "c", "d", "e"]);
        assert_eq!(list.window(2), ["a", "b"]);
        list.step(2);
        assert_eq!(list.window(2), ["b", "c"]);
        list.step(-1);
        assert_eq!(list.window(2), ["b", "c"], "no scrolling while it is still in sight");
        list.bottom();
        assert_eq!(list.window(2), ["d", "e"]);
        assert_eq!(list.window(9), ["a", "b", "c", "d", "e"]);
        assert!(list.window(0).is_empty());
    }
}
