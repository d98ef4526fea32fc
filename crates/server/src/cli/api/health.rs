//! Health checks before sending: is the server there, is it ours, does its database answer.

use serde::Deserialize;

use super::{
    client::Client,
    failure::Failure,
    report::{self, Report, say},
};

#[derive(Deserialize)]
struct Health {
    status: String,
}

/// Checks server and database, and says what is wrong. Whether it makes sense to go on.
pub async fn check(client: &Client, report: &Report) -> bool {
    let answer = match client.get_once("/health", None).await {
        Ok(body) => serde_json::from_slice::<Health>(&body).map_err(|_| "it answered GET /health otherwise".to_owned()),
        Err(Failure::Unreachable(why) | Failure::Lost(why)) => {
            say(&report.failed(&Failure::Unreachable(why), None));
            return false;
        }
        Err(other) => Err(other.to_string()),
    };
    match answer {
        Ok(health) if health.status == "ok" => say(&report.server_is_well()),
        Ok(health) => {
            say(&report.not_ours(&format!("its status is {}", health.status)));
            return false;
        }
        Err(why) => {
            say(&report.not_ours(&why));
            return false;
        }
    }
    match client.get_once("/health/db", None).await {
        Ok(_) => say("[OK] Database health check passed"),
        Err(failure) if failure.status() == Some(404) => {
            say(&report.not_ours(&failure.to_string()));
            return false;
        }
        // Not the end: the database may be starting, and every request is tried several times.
        Err(failure) => say(&report::database_is_ill(&failure)),
    }
    true
}
