//! What many hold and few change.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A value whose copies are cheap: they are one until one of them is changed, which then gets its own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shared<T>(Arc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_same_until_it_is_changed() {
        let mut one = Shared::from(vec![1]);
        let other = one.clone();
        assert!(std::ptr::eq(&*one, &*other));
        one.push(2);
        assert_eq!((one.len(), other.len()), (2, 1));
    }
}
