//! `rekotui savings` and `rekotui report`: what was saved, in figures and as a page.

pub mod formats;
#[cfg(test)]
mod tests;
mod view;
