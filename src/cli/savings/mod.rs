//! `rekotui savings` and `rekotui report`: what was saved, in figures and as a page.

mod charts;
pub mod formats;
mod markdown;
pub mod page;
mod sheets;
mod svg;
#[cfg(test)]
mod tests;
mod view;
