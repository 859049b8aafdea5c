//! Counts the connections that a pool opens.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tower_layer::Layer;
use tower_service::Service;

/// The number of connections that were begun. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenedConnections(Arc<AtomicU64>);

impl OpenedConnections {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl<S> Layer<S> for OpenedConnections {
    type Service = CountingConnector<S>;

    fn layer(&self, connector: S) -> CountingConnector<S> {
        CountingConnector { connector, opened: self.clone() }
    }
}

/// A connector that counts.
#[derive(Debug, Clone)]
pub(super) struct CountingConnector<S> {
    connector: S,
    opened: OpenedConnections,
}

impl<S: Service<T>, T> Service<T> for CountingConnector<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: T) -> S::Future {
        self.opened.0.fetch_add(1, Ordering::AcqRel);
        self.connector.call(target)
    }
}
