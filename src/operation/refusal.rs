//! Why something was not begun.

use std::fmt;

use crate::domain::operation::Operation;
use crate::store::StoreError;

/// Why an operation was not begun, taken up or given up. Nothing was changed in the account.
#[derive(Debug)]
pub enum Refusal {
    /// The session may not write.
    ReadOnly,
    /// Another operation changes the same thing and has not come to its end.
    Busy(Box<Operation>),
    /// Another rekotui on this workstation carries it out.
    Elsewhere,
    /// It belongs to another account or region.
    Foreign {
        /// Where it belongs.
        there: String,
        /// Where we are.
        here: String,
    },
    /// It is not known in which account we are; why.
    Unknown(String),
    /// It has come to its end already; or there is none by that name.
    Over(String),
    /// The journal cannot be written: what is not written down is not done.
    Journal(StoreError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadOnly => f.write_str(
                "This session is read-only (--read-only or REKOTUI_READ_ONLY, or 'read_only' or 'read_only_profiles' in the \
                 settings). Nothing was changed.",
            ),
            Self::Busy(other) => write!(
                f,
                "The {} has not come to its end ({}). Carry it on with 'rekotui resume {}', or give it up with 'rekotui \
                 abandon {}'.",
                other.plan.title(),
                other.sentence(),
                other.id,
                other.id
            ),
            Self::Elsewhere => f.write_str(
                "Another rekotui on this workstation is carrying it out. Look there, or wait until it has ended.",
            ),
            Self::Foreign { there, here } => write!(
                f,
                "It belongs to {there}, and this is {here}. Use the profile and region with which it was asked for."
            ),
            Self::Unknown(why) => write!(f, "It is not known in which account we are: {why}"),
            Self::Over(why) => f.write_str(why),
            Self::Journal(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Journal(error)
    }
}
