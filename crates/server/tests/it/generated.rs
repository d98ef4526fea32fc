//! Artefacts made from the code are committed and must be what the code makes now. `UPDATE_GENERATED=1` writes them.

use std::{fmt::Write as _, path::Path};

use clap::Command;
use sqlx::{Connection, PgConnection, Row};

use super::database;

fn check(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == made, "{path} is out of date: run `make generate`");
}

#[test]
fn the_openapi_document_is_current() {
    let document = serde_json::to_string_pretty(&server::http::openapi()).unwrap();
    check("openapi.json", &format!("{document}\n"));
}

#[test]
fn the_schema_of_packs_is_current() {
    check("domainpacks/pack.schema.json", &format!("{}\n", server::cli::pack_schema()));
}

#[test]
fn the_command_reference_is_current() {
    let mut text = String::from("# Commands\n\nWhat `sentinai COMMAND --help` prints. Made from the program; `make generate` renews it.\n");
    describe(&mut server::cli::command(), &mut text);
    check("docs/cli.md", &text);
}

fn describe(command: &mut Command, text: &mut String) {
    command.build();
    let mut waiting = vec![command.clone()];
    while let Some(mut command) = waiting.pop() {
        let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
        let help = command.clone().term_width(100).render_long_help().to_string();
        let help = help.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        write!(text, "\n## {name}\n\n```text\n{}\n```\n", help.trim_end()).unwrap();
        let inner: Vec<Command> = command
            .get_subcommands_mut()
            .filter(|inner| inner.get_name() != "help")
            .map(|inner| inner.clone())
            .collect();
        waiting.extend(inner.into_iter().rev());
    }
}

#[tokio::test]
async fn the_description_of_the_schema_is_current() {
    let mut connection = PgConnection::connect(database::url().await.expose()).await.unwrap();
    let mut text = String::from("# Tables\n\nWhat the database holds, read from its catalog. `make generate` renews it.\n");
    let columns = sqlx::query(
        "select c.relname::text, obj_description(c.oid), a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(c.oid, a.attnum)
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> '_sqlx_migrations' order by 1, a.attnum",
    );
    let mut last = String::new();
    for row in columns.fetch_all(&mut connection).await.unwrap() {
        let table: String = row.get(0);
        if table != last {
            write!(
                text,
                "\n## {table}\n\n{}\n\n| column | type | |\n|---|---|---|\n",
                row.get::<Option<String>, _>(1).unwrap_or_default()
            )
            .unwrap();
            last = table;
        }
        let null = if row.get(4) { "" } else { ", may be null" };
        let (name, kind, comment): (String, String, Option<String>) = (row.get(2), row.get(3), row.get(5));
        writeln!(text, "| {name} | {kind}{null} | {} |", comment.unwrap_or_default()).unwrap();
    }
    let indexes = sqlx::query(
        "select tablename || ': ' || regexp_replace(indexdef, '^.* USING ', '') from pg_indexes where schemaname = 'public' and tablename <> '_sqlx_migrations' order by indexname",
    );
    text.push_str("\n## Indexes\n\n");
    for row in indexes.fetch_all(&mut connection).await.unwrap() {
        writeln!(text, "* {}", row.get::<String, _>(0)).unwrap();
    }
    check("docs/schema.md", &text);
}
