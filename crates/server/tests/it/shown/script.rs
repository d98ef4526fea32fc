//! A page as a shell script: one session, so that what a command sets is there for the next.

use std::fmt::Write;

use super::{
    excluded::{ENDLESS, OPTIONAL, is_excluded},
    page::{Language, Page, Step},
};

/// `until_works PID CONDITION` waits until the condition holds while a program runs that does not end.
const PRELUDE: &str = r#"
set -m -o pipefail
until_works() {
  for _ in $(seq 1200); do
    eval "$2" && return 0
    kill -0 "$1" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
"#;

/// The script. Before each command it writes the line into the file `at`, and what the command says into the file `said`.
pub fn script(page: &Page) -> String {
    let mut script = PRELUDE.to_owned();
    for step in page.steps.iter().filter(|step| !is_excluded(step)) {
        if let Some(missing) = OPTIONAL.iter().find(|name| step.text.starts_with(**name) && !is_there(name)) {
            eprintln!("{}:{}: skipped, there is no {missing}", page.path, step.line);
            continue;
        }
        let text = text(step);
        let _ = writeln!(script, "echo {} > at; : > said", step.line);
        let endless = ENDLESS.iter().find(|(command, _)| step.text.starts_with(command));
        let _ = match endless {
            None => writeln!(script, "{{\n{text}\n}} > said 2>&1 < /dev/null || exit 1"),
            Some((_, works)) => writeln!(
                script,
                "{{ {text}\n}} > said 2>&1 < /dev/null & running=$!
until_works $running \"{works}\"; works=$?
kill -- -$running; wait $running; [ $works = 0 ] || exit 1"
            ),
        };
    }
    script
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A statement is run as the administrator, and a query must show a row.
fn text(step: &Step) -> String {
    match step.language {
        Language::Shell => step.text.clone(),
        Language::Sql => {
            let quoted = step.text.replace('\'', "'\\''");
            let shows = if quoted.contains("SELECT") { " | grep ." } else { "" };
            format!("sentinai db psql -- -X -A -t -v ON_ERROR_STOP=1 -c '{quoted}'{shows}")
        }
    }
}
