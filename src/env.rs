//! Reads settings from variables: text, numbers, flags and durations, with errors that name the variable.

use std::time::Duration;

use crate::{Error, Result};

/// Reads a variable of the environment. A value that is not Unicode keeps a character that no setting accepts, so that it is
/// rejected and does not count as unset.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Looks variables up and parses them.
pub(crate) struct VariableReader<'a>(pub(crate) &'a dyn Fn(&str) -> Option<String>);

impl VariableReader<'_> {
    pub(crate) fn text(&self, name: &str, into: &mut String) {
        if let Some(value) = (self.0)(name).filter(|value| !value.trim().is_empty()) {
            *into = value.trim().to_owned();
        }
    }

    pub(crate) fn parse<T: std::str::FromStr>(&self, name: &str, what: &str, into: &mut T) -> Result<()> {
        if let Some(value) = (self.0)(name).filter(|value| !value.trim().is_empty()) {
            *into = value.trim().parse().map_err(|_| Error::configuration(format!("{name} must be {what}")))?;
        }
        Ok(())
    }

    pub(crate) fn flag(&self, name: &str, into: &mut bool) -> Result<()> {
        let mut text = String::new();
        self.text(name, &mut text);
        match text.trim().to_ascii_lowercase().as_str() {
            "" => {}
            "true" | "1" | "on" | "yes" => *into = true,
            "false" | "0" | "off" | "no" => *into = false,
            _ => return Err(Error::configuration(format!("{name} must be `true` or `false`"))),
        }
        Ok(())
    }

    /// As [`duration`](Self::duration), of a setting that need not be set.
    pub(crate) fn optional_duration(&self, name: &str, unit: f64, into: &mut Option<Duration>) -> Result<()> {
        if (self.0)(name).is_some_and(|value| !value.trim().is_empty()) {
            let mut time = Duration::ZERO;
            self.duration(name, unit, &mut time)?;
            *into = Some(time);
        }
        Ok(())
    }

    pub(crate) fn duration(&self, name: &str, unit: f64, into: &mut Duration) -> Result<()> {
        let mut number = into.as_secs_f64() / unit;
        self.parse(name, "a number", &mut number)?;
        *into = Duration::try_from_secs_f64(number * unit)
            .map_err(|_| Error::configuration(format!("{name} must be a number that is not negative")))?;
        Ok(())
    }
}
