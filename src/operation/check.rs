//! Functions that are tried out: they look with their own permissions, and change nothing.

use super::engine::Engine;
use crate::domain::functions::{Answer, Check};

impl Engine {
    /// Lets a function look at what its schedules would start and stop. Only functions of ours know the action `check`: any
    /// other might start a model, so what the function says of itself is read again first, of the very alias that is invoked.
    ///
    /// # Errors
    /// In words: in a read-only session, for a function that cannot be tested, and when Lambda refuses it or does not answer.
    pub async fn check(&self, check: &Check) -> Result<Answer, String> {
        let permit = self.0.permit().map_err(|refusal| refusal.to_string())?;
        let account = &self.0.account;
        let found = account.function(&check.function).await.map_err(|trouble| trouble.to_string())?;
        let function = found.ok_or_else(|| format!("The function {} does not exist.", check.function))?;
        function.testable()?;
        account.invoke(&permit, &check.function, &check.payload).await.map_err(|trouble| trouble.to_string())
    }
}
