//! The order of modules, lowest first.

/// A package that is looked at, and the order inside it.
pub(super) struct Package {
    pub(super) name: &'static str,
    /// From the workspace's root.
    pub(super) folder: &'static str,
    /// Its files, from its folder.
    pub(super) code: &'static [&'static str],
    /// Every top-level module.
    pub(super) order: &'static [&'static str],
    /// Modules that have an order inside. `mod` is what the module's own file declares.
    pub(super) inside: &'static [(&'static str, &'static [&'static str])],
    /// Folders whose types mirror foreign ones, and may be called as others are.
    pub(super) mirrors: &'static [&'static str],
}

/// Lowest first: a package names only packages before it.
pub(super) const PACKAGES: &[Package] = &[CALCOM, FAKE, CONFORMANCE];

const FAKE: Package = Package {
    name: "calcom-fake",
    folder: "fake",
    code: &["src"],
    order: &[
        "version",
        "clock",
        "change",
        "limit",
        "log",
        "pace",
        "payload",
        "recording",
        "disguise",
        "signed",
        "exchange",
        "reply",
        "instant",
        "state",
        "auth",
        "check",
        "deliveries",
        "outcome",
        "route",
        "api",
        "router",
        "fault",
        "playback",
        "shared",
        "sender",
        "intake",
        "respond",
        "server",
        "fake",
        "expect",
        "ledger",
        "proxy",
        "recorder",
        "furniture",
        "builder",
        "seed",
        "__conformance",
    ],
    inside: &[],
    mirrors: &[],
};

const CONFORMANCE: Package = Package {
    name: "calcom-conformance",
    folder: "conformance",
    // Its build script mounts the library's.
    code: &["src", "build.rs", "reencode.rs", "../build"],
    order: &["wire", "reencode", "replay", "agreement", "matrix"],
    inside: &[],
    mirrors: &[],
};

const CALCOM: Package = Package {
    name: "calcom",
    folder: "",
    code: &["src", "build.rs", "build"],
    order: &[
        "sync",
        "redact",
        "error",
        "env",
        "operation",
        "generated",
        "state",
        "auth",
        "config",
        "pipeline",
        "raw",
        "model",
        "webhook",
        "client",
        "facade",
        "service",
        "v1",
        "__conformance",
    ],
    inside: &[("state", STATE), ("pipeline", PIPELINE), ("service", SERVICE)],
    mirrors: &["src/v1/types"],
};

const STATE: &[&str] = &["circuit", "quota", "scope", "kept", "store", "memory", "redis", "shared", "mod"];

const PIPELINE: &[&str] = &[
    "deadline",
    "request",
    "response",
    "endpoint",
    "transport",
    "options",
    "error_response",
    "decode",
    "observe",
    "breaker",
    "limiter",
    "cache",
    "template",
    "components",
    "context",
    "attempt",
    "local_errors",
    "retry",
    "execute",
    "mod",
];

const SERVICE: &[&str] = &[
    "settings",
    "key",
    "normal",
    "problem",
    "quiet",
    "deadline",
    "background",
    "event_type",
    "appointment",
    "check",
    "turn",
    "mod",
    "slots",
    "outcome",
    "lookup",
    "once",
    "lineage",
    "withdraw",
    "book",
    "find",
    "explain",
    "change",
    "cancel",
    "decide",
    "reschedule",
    "hold",
    "batch",
];
