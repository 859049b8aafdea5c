//! What is logged on this thread, by whichever crate.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, LazyLock, Mutex},
};

use tracing::{
    Dispatch, Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Everything that is logged on this thread while it is held.
pub struct Log {
    written: Arc<Mutex<String>>,
    _guard: tracing::subscriber::DefaultGuard,
}

/// While there is only one subscriber, tracing asks the thread that first comes to a span whether anybody listens, and
/// keeps the answer for all threads. These make sure that there are more.
static OTHERS: LazyLock<[Dispatch; 2]> = LazyLock::new(|| [(); 2].map(|()| Dispatch::new(Capture(Arc::default()))));

impl Log {
    pub fn start() -> Self {
        LazyLock::force(&OTHERS);
        let written = Arc::new(Mutex::new(String::new()));
        let guard = tracing::subscriber::set_default(Capture(Arc::clone(&written)));
        Self { written, _guard: guard }
    }

    /// What this crate has logged: a line for the span or the event, and a line for each of its fields.
    pub fn of_calcom(&self) -> String {
        let mut ours = false;
        let text = self.text();
        let lines = text.lines().filter(|line| {
            let mut words = line.split(' ');
            if let (Some(_), Some("span" | "event"), Some(target)) = (words.next(), words.next(), words.next()) {
                ours = target.starts_with("calcom");
            }
            ours
        });
        lines.map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    pub fn text(&self) -> String {
        self.written.lock().unwrap().clone()
    }
}

struct Capture(Arc<Mutex<String>>);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field} = {value:?}").unwrap();
    }
}

fn head(kind: &str, metadata: &Metadata<'_>, into: &Mutex<String>) {
    let name = if kind == "span" { metadata.name() } else { "" };
    writeln!(into.lock().unwrap(), "{} {kind} {} {name}", metadata.level(), metadata.target()).unwrap();
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        head("span", span.metadata(), &self.0);
        span.record(&mut Writer(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Writer(&mut self.0.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        head("event", event.metadata(), &self.0);
        event.record(&mut Writer(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
