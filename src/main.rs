//! The binary `rekotui`.

fn main() {}
