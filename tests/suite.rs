//! The tests that go through the front door. One binary, so that the SDK is linked once.

// A test binary is a test throughout: this tells the lints so, which then allow `unwrap` and `panic!` outside of the
// test functions themselves.
#![cfg(test)]

mod cli;
mod configs;
mod day;
mod flows;
mod lambdas;
mod measured;
mod operations;
mod policies;
mod readme;
mod rooms;
mod scenarios;
mod screens;
mod survey;
mod templates;
mod terminal;
mod troubles;
mod usage;
mod wire;
