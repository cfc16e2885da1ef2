//! The permit that every writing call of the `aws` room takes.

/// Shows that a call comes from the `operation` room, of a session that is not read-only: nobody else can make one.
#[derive(Debug)]
pub struct Permit(());

impl Permit {
    pub(super) fn granted() -> Self {
        Self(())
    }
}

#[cfg(test)]
mod tests;
