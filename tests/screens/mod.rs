//! What operators see: pictures of every screen in every state, and what must hold in all of them.

mod acting;
mod editing;
mod functions;
mod meaning;
mod office;
mod pictures;
mod robust;
mod savings;
mod stage;
mod week;
