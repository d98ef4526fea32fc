//! `sentinai db`: the managed PostgreSQL of those who do not bring their own. With `DATABASE_URL` set the database is
//! somebody else's: it can be asked, but not started or stopped from here.

use crate::config::Installation;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use percent_encoding::percent_decode_str;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use store::DatabaseUrl;
use store::cluster::{ClusterError, How, Running, Status, Stopped, psql_program};
use store::settings::{self, Advice};

/// Arguments of `sentinai db`.
#[derive(Debug, Args)]
pub struct DbArgs {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Debug, Subcommand)]
enum DbCommand {
    /// Start PostgreSQL, making the cluster first if there is none; does nothing if it runs
    Start,
    /// Stop PostgreSQL cleanly
    Stop,
    /// Say whether PostgreSQL runs, and where
    Status,
    /// Print the URL of the database, with its password
    Url,
    /// Compare the settings of PostgreSQL with what suits SentinAI; changes nothing
    Check,
    /// Open psql on the database, or run it with the arguments after `--`
    Psql {
        /// Arguments of psql, for instance `-- -c "select 1"`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

/// Runs one subcommand; `psql` replaces this process and returns only if it cannot.
pub async fn run(args: DbArgs, installation: &Installation) -> anyhow::Result<()> {
    if let Some(url) = &installation.database_url {
        return elsewhere(args, url, installation).await;
    }
    let (cluster, home) = (installation.cluster(), installation.home());
    match args.command {
        DbCommand::Start => println!("{}", started(&cluster.start()?, home)),
        DbCommand::Stop => match cluster.stop()? {
            Stopped::WasRunning => println!("PostgreSQL is stopped."),
            Stopped::WasNot => println!("PostgreSQL was not running."),
        },
        DbCommand::Status => println!("{}", state(&cluster.status()?, home)),
        DbCommand::Url => println!("{}", cluster.url()?),
        DbCommand::Check => return check(&cluster.url()?.parse()?).await,
        DbCommand::Psql { args } => return exec(cluster.psql(args)?),
    }
    Ok(())
}

async fn elsewhere(args: DbArgs, url: &DatabaseUrl, installation: &Installation) -> anyhow::Result<()> {
    const MANAGED: &str = "DATABASE_URL is set, so the database is managed elsewhere";
    match args.command {
        DbCommand::Start => println!("{MANAGED}: there is nothing to start."),
        DbCommand::Stop => bail!("{MANAGED}: stop it there, or unset DATABASE_URL to stop the managed PostgreSQL"),
        DbCommand::Status => println!("{MANAGED}: `sentinai migrate` says whether it can be reached."),
        DbCommand::Url => println!("{}", url.expose()),
        DbCommand::Check => return check(url).await,
        DbCommand::Psql { args: given } => return exec(psql_on(url.expose(), &psql_program(installation.pg_bin.as_deref())?, given)),
    }
    Ok(())
}

async fn check(url: &DatabaseUrl) -> anyhow::Result<()> {
    let advice = settings::advise(url)
        .await
        .with_context(|| format!("cannot ask the database at {}: is it running?", url.without_password()))?;
    for Advice {
        setting,
        now,
        better,
        because,
    } in &advice
    {
        println!("{setting} is {now}: set it to {better}; otherwise {because}.");
    }
    if advice.is_empty() {
        println!("The settings suit SentinAI.");
    }
    Ok(())
}

fn started(running: &Running, home: &Path) -> String {
    let how = match running.how {
        How::Initialised => format!("PostgreSQL is running with a new cluster in {}", home.display()),
        How::Started => "PostgreSQL is running".to_owned(),
        How::Adopted => "PostgreSQL was running already".to_owned(),
        How::Recovered => "PostgreSQL is running again after a crash; everything committed is there".to_owned(),
    };
    format!("{how}, on 127.0.0.1:{}.", running.port)
}

fn state(status: &Status, home: &Path) -> String {
    match status {
        Status::Absent => format!("There is no cluster in {}; `sentinai db start` makes one.", home.display()),
        Status::Stopped => "PostgreSQL is stopped; `sentinai db start` starts it.".to_owned(),
        Status::Running { pid, port, version, .. } => {
            format!(
                "PostgreSQL {version} is running on 127.0.0.1:{port}, pid {pid}, cluster in {}.",
                home.display()
            )
        }
    }
}

/// The password goes into the environment: arguments can be read by every user of the machine.
fn psql_on(url: &str, program: &Path, args: Vec<OsString>) -> Command {
    let mut command = Command::new(program);
    match split_password(url) {
        Some((bare, password)) => command.arg(bare).env("PGPASSWORD", password),
        None => command.arg(url),
    };
    command.args(args);
    command
}

/// `postgres://user:password@host/name` as `postgres://user@host/name` and the decoded password.
fn split_password(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.find(['/', '?']).map_or(rest, |end| &rest[..end]);
    let (user, _) = authority.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let password = percent_decode_str(password).decode_utf8().ok()?.into_owned();
    Some((format!("{scheme}://{name}{}", &rest[user.len()..]), password))
}

fn exec(mut psql: Command) -> anyhow::Result<()> {
    let source = psql.exec();
    let program = psql.get_program().to_string_lossy().into_owned();
    Err(ClusterError::Execute {
        program,
        hint: "check that psql can be run",
        source,
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_no_argument_of_psql() {
        for (url, bare, password) in [
            (
                "postgres://u:p%40ss@h:5432/d?sslmode=require",
                "postgres://u@h:5432/d?sslmode=require",
                Some("p@ss"),
            ),
            ("postgresql://u:p@h", "postgresql://u@h", Some("p")),
            ("postgres://u@h/d", "postgres://u@h/d", None),
            (
                "postgres:///d?host=/run/pg&user=a:b@c",
                "postgres:///d?host=/run/pg&user=a:b@c",
                None,
            ),
        ] {
            let command = psql_on(url, Path::new("psql"), vec!["-l".into()]);
            assert_eq!(command.get_args().collect::<Vec<_>>(), [bare, "-l"]);
            assert_eq!(command.get_envs().next().and_then(|(_, value)| value?.to_str()), password);
        }
    }
}
