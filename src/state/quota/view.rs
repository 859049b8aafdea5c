//! How lanes stand, for those who only look.

use std::time::Duration;

use crate::error::RateLimit;

/// What is known of a lane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaneView {
    /// The limits that the service has told, the one with the least left first; requests under way count.
    pub limits: Vec<RateLimit>,
    /// How long the lane is closed for certain.
    pub closed_for: Option<Duration>,
}

/// A caller's lanes of which something is known: that of an operation, or that of all others.
pub(crate) type LaneViews = Vec<(Option<&'static str>, LaneView)>;

/// One of the service's windows: its limit, how many were counted in it, and how many milliseconds are left of it. One that
/// is over, or has not begun, has none left.
#[derive(Debug, Clone)]
pub(crate) struct WindowView {
    pub(crate) name: String,
    pub(crate) limit: u64,
    pub(crate) counted: u64,
    pub(crate) left: u64,
}

impl LaneView {
    /// That of a lane with these windows that is blocked for so many milliseconds.
    pub(crate) fn new(blocked: u64, under_way: u64, windows: impl IntoIterator<Item = WindowView>) -> Self {
        let (mut limits, mut closed_for) = (Vec::new(), blocked);
        for WindowView { name, limit, counted, left } in windows {
            let counted = if left == 0 { 0 } else { counted };
            if counted >= limit {
                closed_for = closed_for.max(left);
            }
            limits.push(RateLimit {
                limit: Some(limit),
                remaining: Some(limit.saturating_sub(counted).saturating_sub(under_way)),
                reset: Some(Duration::from_millis(left)).filter(|left| !left.is_zero()),
                ..RateLimit::named(&name)
            });
        }
        limits.sort_by_key(|limit| limit.remaining);
        Self { limits, closed_for: Some(Duration::from_millis(closed_for)).filter(|wait| !wait.is_zero()) }
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.closed_for.is_none()
    }
}
