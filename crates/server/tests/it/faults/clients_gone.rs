//! Clients that break off: within a body, within a line, or before they read the answer. Memory stays.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{BACK_WITHIN, Load, Program, Site, ledger::Sent, site::Sender};
use crate::{app::burnt, chance::Chance};

const BREAKS: u64 = 90;
const MAX_GROWTH_KIB: u64 = 64 << 10;

/// How a request breaks off.
#[derive(Debug, Clone, Copy)]
enum Break {
    /// A body that is shorter than was announced: nothing of it may be stored.
    WithinBody,
    /// A line that is whole but for its end, behind lines that are: the last may not be stored.
    WithinLine,
    /// Everything is sent and nobody waits for the answer.
    BeforeAnswer,
}

const BREAKS_OF: [Break; 3] = [Break::WithinBody, Break::WithinLine, Break::BeforeAnswer];

/// A request as bytes on the wire, as far as it gets, and what may be stored of it.
fn broken(how: Break, number: u64, chance: &mut Chance) -> (&'static str, String, Vec<Sent>) {
    let whole = Sent::next(chance, 1000, number);
    let cut = burnt(&format!("cut-{number}"), 1.0);
    match how {
        Break::WithinBody => {
            let body = format!("{{\"exceptions\":[{cut},{cut}]}}");
            let length = body.len();
            let sent = usize::try_from(chance.within(1..length as u64)).unwrap();
            (
                "application/json",
                format!("content-length: {length}\r\n\r\n{}", &body[..sent]),
                Vec::new(),
            )
        }
        Break::WithinLine => {
            let lines = Sent {
                form: super::ledger::Form::Lines,
                ..whole
            };
            let body = format!("{}{cut}", lines.body());
            let chunk = format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len());
            ("application/x-ndjson", chunk, vec![lines])
        }
        Break::BeforeAnswer => {
            let whole = Sent {
                form: super::ledger::Form::Batch,
                ..whole
            };
            let body = whole.body();
            (
                "application/json",
                format!("content-length: {}\r\n\r\n{body}", body.len()),
                vec![whole],
            )
        }
    }
}

async fn send(server: &Program, sender: &Sender, kind: &str, rest: &str) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "POST /v1/tenants/{}/exceptions HTTP/1.1\r\nhost: x\r\nx-api-key: {}\r\ncontent-type: {kind}\r\n{rest}",
        sender.tenant, sender.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Lines are read and stored before the connection goes.
    tokio::time::sleep(Duration::from_millis(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_break_off_leave_no_half_and_cost_nothing() {
    let mut site = Site::start().await;
    let server = site.server().await;
    let load = Load::start(&site, site.sender(), &[server.base()]);
    load.more(200, Duration::from_secs(10)).await;
    let (before, mut left) = (server.memory_kib(), Vec::new());
    for number in 0..BREAKS {
        let how = *site.chance.of_list(&BREAKS_OF);
        let (kind, rest, may_be_stored) = broken(how, number, &mut site.chance);
        left.extend(may_be_stored);
        send(&server, site.sender(), kind, &rest).await;
    }
    load.more(200, BACK_WITHIN).await;
    let grown = server.memory_kib().saturating_sub(before);
    eprintln!("{BREAKS} clients broke off; {before} KiB and {grown} KiB more");
    assert!(grown < MAX_GROWTH_KIB, "grew by {grown} KiB");
    let mut ledger = load.finish().await;
    ledger.requests.extend(left);
    site.holds(site.sender(), ledger, &server).await;
}
