//! A process that is killed at each point of a refresh, and the next one on the same store.

use tokio::runtime::{Builder, Runtime};

use super::*;

fn process() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Kills a refresh at a point; `None` if it has fewer.
fn killed_at(point: usize, service: &TokenService, store: &Arc<FailingTokenStore>) -> Option<()> {
    let killed = process();
    killed.block_on(async {
        let session = session(service, store, "ada");
        service.stops.stop_at(point);
        tokio::select! {
            _ = session.token() => None,
            () = service.stops.stopped() => Some(()),
        }
    })
}

#[test]
fn a_session_recovers_after_its_process_is_killed_at_any_point_of_a_refresh() {
    for is_lenient in [false, true] {
        let (mut points, mut lost) = (0, Vec::new());
        for point in 1.. {
            let setup = process();
            let _time = setup.enter();
            let mut service = if is_lenient { TokenService::lenient() } else { TokenService::strict() };
            service.stops = service::Stops::default();
            let store = FailingTokenStore::stopping_with(&service);
            setup.block_on(consented(&service, &store, "ada"));
            // The token of the store has expired when the next process starts.
            let old = setup.block_on(async {
                let session = session(&service, &store, "ada");
                let found = stored(&session).await;
                let mut expired = found.clone();
                expired.tokens.expires = expired.tokens.issued;
                session.state().save(&expired).await.unwrap();
                found
            });
            if killed_at(point, &service, &store).is_none() {
                break;
            }
            points += 1;
            service.stops.stop_at(0);
            let next = process();
            let (first, second) = next.block_on(async {
                let session = session(&service, &store, "ada");
                let first = session.token().await;
                (first, session.token().await)
            });
            match first {
                Ok(token) => {
                    assert_eq!(service.owner(token.secret()).as_deref(), Some("ada"), "point {point}");
                    assert!(second.unwrap().is_same(&token));
                }
                Err(error) => {
                    assert_eq!(error, TokenError::ConsentRequired("revoked".to_owned()), "point {point}");
                    assert_eq!(second.unwrap_err(), error);
                    assert!(!service.takes(secrecy::ExposeSecret::expose_secret(&old.tokens.refresh)));
                    lost.push(point);
                }
            }
            assert!(service.requests() <= 2, "point {point}: {}", service.requests());
        }
        assert!(points >= 6, "{points} points");
        // The service has the request, and the store not yet its pair: two points of one interval.
        let expected = if is_lenient { 0 } else { 2 };
        assert_eq!(lost.len(), expected, "lost at {lost:?} of {points} points");
    }
}
