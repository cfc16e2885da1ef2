//! The filter of a table: `logos !stopped status:running "two words"`. All words must hold.

/// A filter, ready to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// The field that it is about; `None`: any.
    field: Option<String>,
    /// What must be in it, in lower case.
    text: String,
    /// Whether it must not be.
    not: bool,
}

/// What a row says of itself, field by field.
pub(super) type Facets = Vec<(&'static str, String)>;

impl Filter {
    /// Reads a filter. `fields` are the fields that the table has; what stands before a `:` and is none of them belongs
    /// to the text, as in an ARN.
    #[must_use]
    pub fn parse(text: &str, fields: &[&str]) -> Self {
        Self { words: split(text).iter().filter_map(|word| Word::parse(word, fields)).collect() }
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a row with these facets passes.
    pub(super) fn passes(&self, facets: &Facets) -> bool {
        let lowered: Vec<(&str, String)> = facets.iter().map(|(name, text)| (*name, text.to_lowercase())).collect();
        self.words.iter().all(|word| word.holds(&lowered))
    }
}

impl Word {
    fn parse(text: &str, fields: &[&str]) -> Option<Self> {
        let (not, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let text = text.to_lowercase();
        let (field, text) = match text.split_once(':') {
            Some((field, value)) if fields.contains(&field) => (Some(field.to_owned()), value.to_owned()),
            _ => (None, text),
        };
        // `status:` and `!` are filters that are still being typed.
        (!text.is_empty()).then_some(Self { field, text, not })
    }

    fn holds(&self, facets: &[(&str, String)]) -> bool {
        let mut asked = facets.iter().filter(|(name, _)| self.field.as_deref().is_none_or(|field| field == *name));
        asked.any(|(_, text)| text.contains(&self.text)) != self.not
    }
}

/// Splits at blanks outside of double quotes.
fn split(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            blank if blank.is_whitespace() && !quoted => words.push(String::new()),
            other => {
                if let Some(word) = words.last_mut() {
                    word.push(other);
                }
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str) -> bool {
        let facets = vec![
            ("name", "Logos_2 v3".to_owned()),
            ("status", "running".to_owned()),
            ("arn", "arn:aws:rekognition:eu-central-1:1:project/logos_2".to_owned()),
        ];
        Filter::parse(filter, &["name", "status", "arn"]).passes(&facets)
    }

    #[test]
    fn all_words_must_hold() {
        for filter in ["", "logos", "LOGOS v3", "status:run", "!stopped", "!status:stopped logos", "\"2 v3\""] {
            assert!(passes(filter), "{filter}");
        }
        for filter in ["welds", "logos welds", "!logos", "status:logos", "!status:running", "\"logos v3\""] {
            assert!(!passes(filter), "{filter}");
        }
    }

    #[test]
    fn what_is_no_field_belongs_to_the_text() {
        assert!(passes("arn:aws:rekognition"), "a field that is typed as part of an ARN still finds it");
        assert!(passes("aws:rekognition:eu"));
        assert!(!passes("zone:berlin"));
    }

    #[test]
    fn a_word_that_is_still_being_typed_holds_nothing_back() {
        for filter in ["!", "status:", "logos !", "logos !status:", "\"", "\"\""] {
            assert!(passes(filter), "{filter}");
        }
    }
}
