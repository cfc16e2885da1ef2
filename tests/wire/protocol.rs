//! What travels on the wire: a stand-in for the account behind the real SDK clients, and requests written by hand.

mod carry;
mod mishaps;
mod port;
mod strict;
mod stub;
mod words;
