//! Resolvers of booking numbers.

use calcom::{
    ApiKey, Client,
    v1::ids::{UidChain, UidFile, UidMap, UidResolver, UidSearch},
};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::support::{client, recorded_body};

/// A service with `count` bookings. The newest has the number `count`.
async fn bookings(count: i64) -> MockServer {
    let server = MockServer::start().await;
    let template = recorded_body("bookings-2024-08-13/get-regular")["data"].clone();
    let page = move |request: &Request| {
        let query =
            |name: &str| request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let number = |name: &str| query(name).and_then(|text| text.parse::<i64>().ok());
        assert_eq!(query("sortCreated").as_deref(), Some("desc"));
        let (skip, take) = (number("skip").unwrap_or(0), number("take").unwrap());
        let ids = (1..=count - skip).rev().take(usize::try_from(take).unwrap());
        let data: Vec<Value> = ids
            .map(|id| {
                let mut booking = template.clone();
                (booking["id"], booking["uid"]) = (id.into(), format!("uid{id}").into());
                booking
            })
            .collect();
        let returned = i64::try_from(data.len()).unwrap();
        let pagination =
            json!({"totalItems": count, "returnedItems": returned, "hasNextPage": skip + returned < count});
        ResponseTemplate::new(200).set_body_json(json!({"status": "success", "data": data, "pagination": pagination}))
    };
    Mock::given(matchers::any()).respond_with(page).mount(&server).await;
    server
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_search_reads_page_by_page_and_caches_what_it_saw() {
    let server = bookings(600).await;
    let (client, search) = (client(&server), UidSearch::default());
    assert_eq!(search.resolve(&client, 340).await.unwrap().as_deref(), Some("uid340"));
    assert_eq!(requests(&server).await, 2);
    for known in [600, 351, 340, 101] {
        assert_eq!(search.resolve(&client, known).await.unwrap(), Some(format!("uid{known}")));
    }
    assert_eq!(requests(&server).await, 2);
}

#[tokio::test]
async fn a_search_ends_at_smaller_numbers_and_at_its_page_limit() {
    let server = bookings(600).await;
    let client = client(&server);
    assert_eq!(UidSearch::default().resolve(&client, 601).await.unwrap(), None);
    assert_eq!(requests(&server).await, 1);
    assert_eq!(UidSearch::with_max_pages(2).resolve(&client, 3).await.unwrap(), None);
    assert_eq!(requests(&server).await, 3);
    assert_eq!(UidSearch::default().resolve(&client, 0).await.unwrap(), None);
    assert_eq!(requests(&server).await, 6);
    assert_eq!(UidSearch::with_max_pages(0).resolve(&client, 600).await.unwrap(), None);
    assert_eq!(requests(&server).await, 6);
}

#[tokio::test]
async fn uids_recorded_for_one_caller_are_not_returned_to_another() {
    let server = bookings(0).await;
    let one = client(&server);
    let other = one.with_credentials(ApiKey::new("cal_live_other")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = UidFile::open(folder.path().join("ids")).unwrap();
    let search = UidSearch::default();
    for ids in [&file as &dyn UidResolver, &search] {
        ids.record(&one, 7, "secret");
        assert_eq!(ids.resolve(&one, 7).await.unwrap().as_deref(), Some("secret"));
        assert_eq!(ids.resolve(&other, 7).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_file_outlives_the_process_and_contains_no_key() {
    let server = bookings(0).await;
    let client: Client = client(&server);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ids");
    let file = UidFile::open(&path).unwrap();
    file.record(&client, 7, "old");
    file.record(&client, 7, "old");
    file.record(&client, 7, "new");
    drop(file);
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .map(|mut raw| std::io::Write::write_all(&mut raw, b"torn\n"))
        .unwrap()
        .unwrap();
    let file = UidFile::open(&path).unwrap();
    assert_eq!(file.resolve(&client, 7).await.unwrap().as_deref(), Some("new"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(!text.contains("planted") && !format!("{file:?}").contains("new"));
}

#[tokio::test]
async fn a_chain_asks_in_order_and_records_in_the_first() {
    let server = bookings(3).await;
    let client = client(&server);
    let own: UidMap = [(1, "mine")].into_iter().collect();
    let chain = UidChain(own, UidChain(UidSearch::with_max_pages(0), UidSearch::default()));
    assert_eq!(chain.resolve(&client, 1).await.unwrap().as_deref(), Some("mine"));
    assert_eq!(requests(&server).await, 0);
    assert_eq!(chain.resolve(&client, 2).await.unwrap().as_deref(), Some("uid2"));
    assert_eq!(requests(&server).await, 1);
    assert_eq!(chain.1.0.resolve(&client, 2).await.unwrap().as_deref(), Some("uid2"));
}
