//! The text of a template: YAML with the short forms of functions, or JSON; either becomes the same value.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};
use serde_json::{Map, Value};

/// How deep a template may be nested: far deeper than any that makes sense.
const DEEPEST: usize = 100;

/// The functions that have a short form of their own name; `Ref` and `Condition` have one without `Fn::`.
const SHORT: [&str; 16] = [
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
];

/// Reads a template's text.
///
/// # Errors
/// In CloudFormation's words, if it is neither YAML nor JSON.
pub fn read(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            format!(
                "Template format error: JSON not well-formed. (line {}, column {})",
                error.line(),
                error.column().max(1)
            )
        });
    }
    let mut reader = Reader { parser: Parser::new_from_str(text), at: None };
    let value = reader.document()?;
    Ok(value)
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    at: Option<Marker>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.at = Some(span.start);
                Ok(event)
            }
            Some(Err(error)) => Err(malformed(&error)),
            None => Ok(Event::StreamEnd),
        }
    }

    fn wrong(&self, what: &str) -> String {
        let (line, column) = self.at.as_ref().map_or((1, 1), |at| (at.line(), at.col() + 1));
        format!("Template format error: YAML not well-formed: {what}. (line {line}, column {column})")
    }

    fn document(&mut self) -> Result<Value, String> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(Value::Null),
                event => {
                    let value = self.value(event, 0)?;
                    return self.only(value);
                }
            }
        }
    }

    /// Nothing may follow but the end.
    fn only(&mut self, value: Value) -> Result<Value, String> {
        loop {
            match self.next()? {
                Event::StreamEnd => return Ok(value),
                Event::DocumentEnd | Event::Nothing => {}
                _ => return Err(self.wrong("there is more than one document")),
            }
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(self.wrong("it is nested too deeply"));
        }
        match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.as_deref();
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain { scalar(&text) } else { Value::from(text.into_owned()) };
                self.tagged(value, tag)
            }
            Event::SequenceStart(_, tag) => {
                let mut list = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => list.push(self.value(event, depth + 1)?),
                    }
                }
                self.tagged(list.into(), tag.as_deref())
            }
            Event::MappingStart(_, tag) => {
                let fields = self.fields(depth)?;
                self.tagged(fields.into(), tag.as_deref())
            }
            Event::Alias(_) => {
                Err("Template error: YAML aliases are not allowed in CloudFormation templates".to_owned())
            }
            _ => Err(self.wrong("something is missing")),
        }
    }

    fn fields(&mut self, depth: usize) -> Result<Map<String, Value>, String> {
        let mut fields = Map::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(fields),
                Event::Scalar(text, _, _, None) => text.into_owned(),
                _ => return Err(self.wrong("a key is no text")),
            };
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            // CloudFormation would take the last one of two: a slip that nobody sees.
            if fields.insert(key.clone(), value).is_some() {
                return Err(self.wrong(&format!("the key {key} is there twice")));
            }
        }
    }

    fn tagged(&self, value: Value, tag: Option<&Tag>) -> Result<Value, String> {
        let Some(tag) = tag else { return Ok(value) };
        if tag.handle == "tag:yaml.org,2002:" || tag.handle == "!!" {
            return Ok(match (tag.suffix.as_str(), value) {
                ("str", Value::String(text)) => Value::from(text),
                (_, Value::String(text)) => scalar(&text),
                (_, other) => other,
            });
        }
        let name = match tag.suffix.as_str() {
            "Ref" | "Condition" => tag.suffix.clone(),
            name if SHORT.contains(&name) => format!("Fn::{name}"),
            name => return Err(self.wrong(&format!("there is no function !{name}"))),
        };
        let value = match (name.as_str(), value) {
            ("Fn::GetAtt", Value::String(text)) => match text.split_once('.') {
                Some((resource, attribute)) => serde_json::json!([resource, attribute]),
                None => Value::from(text),
            },
            (_, value) => value,
        };
        let mut fields = Map::new();
        fields.insert(name, value);
        Ok(fields.into())
    }
}

fn malformed(error: &ScanError) -> String {
    let at = error.marker();
    format!("Template format error: YAML not well-formed. (line {}, column {})", at.line(), at.col() + 1)
}

/// A plain scalar as YAML 1.1 reads it, which is what CloudFormation speaks: `yes` and `on` are true.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return true.into(),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return false.into(),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let starts_with_nought = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if digits.is_empty() || starts_with_nought || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.into();
    }
    match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(whole), _) => whole.into(),
        (_, Ok(number)) if digits.contains('.') => number.into(),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_short_forms_of_functions_mean_the_long_ones() {
        let text = "A: !Ref B\nC: !GetAtt D.E.F\nG: !Sub 'x-${H}'\nI: !If [J, !Ref K, !Join [',', [a, 1]]]\nL: !Not [!Condition M]\nN: !Sub\n  - '${O}'\n  - O: !Select [0, !Split ['-', a-b]]\n";
        let read = read(text).expect("a value");
        let wanted = json!({
            "A": { "Ref": "B" },
            "C": { "Fn::GetAtt": ["D", "E.F"] },
            "G": { "Fn::Sub": "x-${H}" },
            "I": { "Fn::If": ["J", { "Ref": "K" }, { "Fn::Join": [",", ["a", 1]] }] },
            "L": { "Fn::Not": [{ "Condition": "M" }] },
            "N": { "Fn::Sub": ["${O}", { "O": { "Fn::Select": [0, { "Fn::Split": ["-", "a-b"] }] } }] },
        });
        assert_eq!(read, wanted);
    }

    #[test]
    fn plain_scalars_have_the_types_of_yaml_1_1() {
        let text = "a: 2012-10-17\nb: 017\nc: 1.5\nd: -3\ne: yes\nf: 'yes'\ng:\nh: 1.2.3\ni: |\n  two\n  lines\n";
        let wanted = json!({ "a": "2012-10-17", "b": "017", "c": 1.5, "d": -3, "e": true, "f": "yes", "g": null,
            "h": "1.2.3", "i": "two\nlines\n" });
        assert_eq!(read(text).expect("a value"), wanted);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        assert_eq!(
            read("{\"a\": ").expect_err("no JSON"),
            "Template format error: JSON not well-formed. (line 1, column 6)"
        );
        let told = read("a: [1\nb: 2\n").expect_err("no YAML");
        assert!(told.starts_with("Template format error: YAML not well-formed. (line 2"), "{told}");
        assert!(read("a: !Rfe b\n").expect_err("no function").contains("there is no function !Rfe. (line 1"));
        assert!(read("a: 1\na: 2\n").expect_err("twice").contains("the key a is there twice"));
        assert!(read("a: &x 1\nb: *x\n").expect_err("an alias").contains("aliases are not allowed"));
        assert!(read(&"[".repeat(500)).is_err(), "no stack is deep enough for everything");
    }
}
