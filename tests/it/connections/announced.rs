//! Servers that announce short times, several times, or nonsense.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use calcom::{Client, Config, Contract, Credentials, config::Timeouts, operation::Resend};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use super::idle::{connections, service};
use crate::support::{
    classes::{CLASSES, call, success},
    socket::{Service, Step, let_time_pass},
};

#[tokio::test(start_paused = true)]
async fn a_server_that_announces_less_than_five_seconds_gets_no_request_on_an_older_connection() {
    for (announced, every) in [("timeout=3", 3), ("timeout=2, max=100", 2), ("timeout=1", 1), ("timeout=0", 1)] {
        for class in CLASSES {
            let headers: &'static [_] = Box::leak(Box::new([("keep-alive", announced)]));
            let service = service(headers).await;
            let found = connections(&service, service.builder(), every, &[class; 6]).await;
            assert_eq!(found, 6, "{class:?}, {announced}");
            let hosted = service.builder().service(Contract::Hosted);
            assert_eq!(connections(&service, hosted, every, &[class; 6]).await, 6, "{class:?}, {announced}");
        }
    }
    for class in CLASSES {
        let service = service(&[("keep-alive", "timeout=3")]).await;
        assert_eq!(connections(&service, service.builder(), 1, &[class; 10]).await, 1, "{class:?}: in time");
        assert_eq!(connections(&service, service.builder(), 0, &[class; 10]).await, 1, "{class:?}: at once");
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_announced_times_the_shortest_holds() {
    for headers in [
        &[("keep-alive", "timeout=60"), ("keep-alive", "timeout=5")][..],
        &[("keep-alive", "timeout=60, timeout=5")],
        &[("keep-alive", "timeout=5, timeout=60")],
        &[("keep-alive", "timeout=soon"), ("keep-alive", "max=7, timeout=5")],
    ] {
        let service = service(headers).await;
        for class in CLASSES {
            assert_eq!(connections(&service, service.builder(), 6, &[class; 5]).await, 5, "{class:?}, {headers:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_that_cannot_be_read_is_none() {
    let unreadable = [
        "timeout=99999999999999999999",
        "timeout=-5",
        "timeout=",
        "timeout",
        "timeout=a",
        "timeout==5",
        "max=5",
        ";,=",
    ];
    for announced in unreadable {
        let headers: &'static [_] = Box::leak(Box::new([("keep-alive", announced)]));
        let service = service(headers).await;
        for (class, expected) in [(Resend::Safe, 2), (Resend::Unsafe, 3)] {
            let found = connections(&service, service.builder(), 30, &[class; 3]).await;
            assert_eq!(found, expected, "{class:?}, {announced}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_time_of_zero_keeps_no_connection_and_the_longest_one_is_no_error() {
    let (panics, thread) = (Arc::new(AtomicUsize::new(0)), std::thread::current().id());
    let (counted, before) = (Arc::clone(&panics), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        counted.fetch_add(usize::from(std::thread::current().id() == thread), Ordering::Relaxed);
        before(info);
    }));
    let service = service(&[]).await;
    for class in CLASSES {
        let set = |idle| {
            let config = Config::default().api_url(service.url()).timeout(Timeouts::default().idle(idle));
            service.builder().config(config).credentials(Credentials::Anonymous)
        };
        assert_eq!(connections(&service, set(Duration::ZERO), 1, &[class; 3]).await, 3, "{class:?}");
        assert_eq!(connections(&service, set(Duration::MAX), 60, &[class; 3]).await, 1, "{class:?}");
    }
    assert_eq!(panics.load(Ordering::Relaxed), 0, "in the background");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_started_anew_is_not_taken_for_one_that_closes_idle_connections() {
    let first = service(&[]).await;
    let address: std::net::SocketAddr = first.url().trim_start_matches("http://").parse().unwrap();
    let client = first.builder().service(Contract::Hosted).no_retries().build().unwrap();
    call(&client, Resend::Safe).await.unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    let passing = let_time_pass();
    drop(first);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let error = call(&client, Resend::Safe).await.unwrap_err();
    assert!(error.to_string().contains("the connection could not be made"), "{error}");
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    let again = Service::on(
        socket,
        std::iter::repeat_with(|| {
            [(); 3].iter().flat_map(|()| [Step::Request, Step::Write(success(Resend::Safe))]).collect::<Vec<_>>()
        }),
    );
    for _ in 0..3 {
        call(&client, Resend::Safe).await.unwrap();
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    passing.abort();
    assert_eq!((again.connections(), again.requests().len()), (1, 3));
}

#[tokio::test]
async fn with_an_idle_time_of_zero_a_connection_is_closed_after_its_response() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let timeouts = Timeouts::default().idle(Duration::ZERO);
    let config = Config::default().api_url(format!("http://{}", listener.local_addr().unwrap())).timeout(timeouts);
    let client = Client::builder().config(config).credentials(Credentials::Anonymous).build().unwrap();
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        assert!(stream.read(&mut head).await.unwrap() > 0);
        stream.write_all(&success(Resend::Safe)).await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), stream.read(&mut head)).await.expect("it is closed").unwrap()
    };
    let (result, rest) = tokio::join!(call(&client, Resend::Safe), serving);
    result.unwrap();
    assert_eq!(rest, 0);
}
