//! With the database gone: clear answers, nothing pretended, and recovery without restart.

use server::http::Auth;
use store::Store;

use super::app::{Answer, client, serve};

#[tokio::test]
async fn without_a_database_the_process_lives_and_says_what_is_wrong() {
    let url = "postgres://sentinai_app:x@127.0.0.1:1/none".parse().unwrap();
    let base = serve(Store::open_as_is(&url, 2).unwrap(), Auth::Key).await;
    let client = client();
    assert_eq!(client.get(format!("{base}/health")).send().await.unwrap().status(), 200);
    for request in [
        client.get(format!("{base}/health/db")),
        client.get(format!("{base}/v1/tenants/T/exceptions")).header("x-api-key", "snt_x"),
        client.post(format!("{base}/exceptions/T")).header("x-api-key", "snt_x").body("{}"),
    ] {
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 503);
        assert!(answer.headers.contains_key("retry-after"));
        assert!(answer.detail().contains("nothing is confirmed as stored"), "{}", answer.detail());
    }
}
