//! The guide: from the first booking to many tenants, failures and operation.
//!
//! Each chapter is a page with programs that are tested.
//!
//! 1. [First booking](first_booking): install, find a time, book, move, cancel.
//! 2. [Errors](errors): what each error means, and what to do.
//! 3. [Pages](pages): lists, streams, items that cannot be read.
//! 4. [Exactly once](exactly_once): booking with a key, its states, and what is certain.
//! 5. [Many tenants](many_tenants): one process for many accounts.
//! 6. [Redis](redis): state that processes share.
//! 7. [Webhooks](webhooks): subscribe, verify, receive.
//! 8. [OAuth](oauth): tokens of other accounts.
//! 9. [Testing](testing): the fake, faults, time, other languages.
//! 10. [Observability](observability): spans, metrics, OpenTelemetry.
//! 11. [From V1](from_v1): programs for version 1.
//! 12. [Self-hosted](self_hosted): servers of one's own, and the EU region.
//! 13. [Blocking and agents](blocking_and_agents): programs without `async`, tools for language models.
//! 14. [Deploying](deploying): what a program in production sets.

/// Declares a chapter, whose text is a file beside this one.
macro_rules! chapters {
    ($($name:ident: $file:literal),* $(,)?) => {
        $(#[doc = include_str!($file)] pub mod $name {})*
    };
}

chapters! {
    first_booking: "first_booking.md",
    errors: "errors.md",
    pages: "pages.md",
    many_tenants: "many_tenants.md",
    redis: "redis.md",
    webhooks: "webhooks.md",
    oauth: "oauth.md",
    testing: "testing.md",
    observability: "observability.md",
    from_v1: "from_v1.md",
    self_hosted: "self_hosted.md",
    blocking_and_agents: "blocking_and_agents.md",
    deploying: "deploying.md",
}

#[doc = include_str!("exactly_once.md")]
///
#[doc = include_str!("exactly_once.svg")]
///
#[doc = include_str!("exactly_once_states.md")]
pub mod exactly_once {}
