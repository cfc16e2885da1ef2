//! The rows of a part of the fleet.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Rows by what identifies them, in its order. Copies are cheap: whoever reads the fleet, draws from it or asks for what it
/// lacks holds the same rows, and where news come in between, only the rows that have changed are there twice.
#[derive(Debug, PartialEq)]
pub struct Rows<K, V>(Arc<BTreeMap<K, Arc<V>>>);

impl<K, V> Clone for Rows<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self(Arc::new(BTreeMap::new()))
    }
}

impl<K: Ord, V> Rows<K, V> {
    /// The row of this key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map(Arc::as_ref)
    }

    /// Whether there is a row of this key.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// The keys.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator {
        self.0.keys()
    }

    /// The rows.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.0.values().map(Arc::as_ref)
    }

    /// Keys and rows.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator {
        self.0.iter().map(|(key, row)| (key, row.as_ref()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord + Clone, V> Rows<K, V> {
    /// Adds a row, or puts it in the place of the one that has its key.
    pub fn insert(&mut self, key: K, row: V) {
        Arc::make_mut(&mut self.0).insert(key, Arc::new(row));
    }

    /// Takes a row away.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        Arc::make_mut(&mut self.0).remove(key)
    }

    /// Takes all rows away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes those rows away that are not to stay.
    pub fn retain(&mut self, mut stays: impl FnMut(&K, &V) -> bool) {
        // Most often all of them stay, and then nothing need be copied.
        if !self.iter().all(|(key, row)| stays(key, row)) {
            Arc::make_mut(&mut self.0).retain(|key, row| stays(key, row));
        }
    }
}

impl<K: Ord + Clone, V: Clone> Rows<K, V> {
    /// The row of this key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        Arc::make_mut(&mut self.0).get_mut(key).map(Arc::make_mut)
    }

    /// The rows, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        Arc::make_mut(&mut self.0).values_mut().map(Arc::make_mut)
    }
}

impl<K: Ord + Clone, V: PartialEq> Extend<(K, V)> for Rows<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, rows: I) {
        for (key, row) in rows {
            // What is read again is most often as it was.
            if self.get(&key) != Some(&row) {
                self.insert(key, row);
            }
        }
    }
}

impl<K: Ord + Clone, V: PartialEq> FromIterator<(K, V)> for Rows<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        Self(Arc::new(rows.into_iter().map(|(key, row)| (key, Arc::new(row))).collect()))
    }
}

impl<K: Serialize, V: Serialize> Serialize for Rows<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, row)| (key, row.as_ref())))
    }
}

impl<'de, K: Ord + Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Rows<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = BTreeMap::<K, V>::deserialize(deserializer)?;
        Ok(Self(Arc::new(rows.into_iter().map(|(key, row)| (key, Arc::new(row))).collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_same_rows_but_for_those_that_change() {
        let mut rows: Rows<&str, String> = [("a", "1".to_owned()), ("b", "2".to_owned())].into_iter().collect();
        let copy = rows.clone();
        let same = |key: &str, one: &Rows<&str, String>, other: &Rows<&str, String>| {
            std::ptr::eq(one.get(key).unwrap(), other.get(key).unwrap())
        };
        rows.extend([("a", "1".to_owned()), ("b", "3".to_owned())]);
        assert!(same("a", &rows, &copy), "it was read again, and is as it was");
        assert_eq!((rows.get("b").unwrap().as_str(), copy.get("b").unwrap().as_str()), ("3", "2"));
        let copy = rows.clone();
        rows.retain(|_, _| true);
        assert!(std::ptr::eq(Arc::as_ptr(&rows.0), Arc::as_ptr(&copy.0)), "nothing was to go");
        rows.retain(|key, _| *key == "b");
        assert_eq!((rows.len(), copy.len()), (1, 2));
        rows.get_mut("b").unwrap().push('!');
        assert_eq!((rows.get("b").unwrap().as_str(), copy.get("b").unwrap().as_str()), ("3!", "3"));
        let text = serde_json::to_string(&copy).unwrap();
        assert_eq!(text, r#"{"a":"1","b":"3"}"#);
        assert_eq!(serde_json::from_str::<Rows<&str, String>>(&text).unwrap(), copy);
    }
}
