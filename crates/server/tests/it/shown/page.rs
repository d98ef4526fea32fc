//! The commands of a page, in their order, and the files that it shows with a name.

use std::process::Command;

use super::demo::root;

/// A page.
pub struct Page {
    pub path: &'static str,
    pub steps: Vec<Step>,
    /// Blocks whose fence has a file name behind the language: what stands in that file.
    pub files: Vec<(String, String)>,
}

/// One command of a shell, or one statement of SQL.
pub struct Step {
    pub line: usize,
    pub text: String,
    pub language: Language,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Shell,
    Sql,
}

impl Page {
    pub fn read(path: &'static str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let mut page = Self {
            path,
            steps: Vec::new(),
            files: Vec::new(),
        };
        let mut lines = text.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let Some(info) = line.trim_start().strip_prefix("```") else {
                continue;
            };
            let body: Vec<&str> = lines
                .by_ref()
                .map(|(line, _)| line)
                .take_while(|line| !line.trim_start().starts_with("```"))
                .collect();
            page.add(info, &body, number + 1);
        }
        page
    }

    fn add(&mut self, info: &str, body: &[&str], first: usize) {
        let (language, file) = info.split_once(' ').unwrap_or((info, ""));
        if !file.is_empty() {
            self.files.push((file.to_owned(), body.join("\n") + "\n"));
            return;
        }
        let (language, is_whole): (_, fn(&str) -> bool) = match language {
            "bash" | "sh" | "console" => (Language::Shell, is_command),
            "sql" => (Language::Sql, |text| text.ends_with(';')),
            _ => return,
        };
        let mut step = String::new();
        let mut began = first;
        for (line, number) in body.iter().zip(first..) {
            if step.is_empty() {
                began = number;
            }
            step.push_str(line);
            if step.trim().is_empty() || is_whole(&step) {
                let text = std::mem::take(&mut step).trim().to_owned();
                self.steps.extend((!text.is_empty()).then_some(Step {
                    line: began,
                    text,
                    language,
                }));
            } else {
                step.push('\n');
            }
        }
        if !step.is_empty() {
            self.steps.push(Step {
                line: began,
                text: step.trim().to_owned(),
                language,
            });
        }
    }
}

/// Whether a shell would run it, or wait for the rest.
fn is_command(text: &str) -> bool {
    let parsed = Command::new("bash").args(["-n", "-c", text]).output().unwrap();
    parsed.status.success() && !text.ends_with('\\')
}

#[test]
fn a_block_is_taken_apart_into_commands_with_their_lines() {
    let mut page = Page {
        path: "x.md",
        steps: Vec::new(),
        files: Vec::new(),
    };
    let body = ["a 'b", "c' \\", "  d", "", "# note", "e && f", "g=$(h", ")"];
    page.add("bash", &body, 10);
    page.add("json pack.json", &["{}"], 30);
    page.add("sql", &["select 1", "from x;", "", "select 2"], 40);
    let found: Vec<(usize, &str)> = page.steps.iter().map(|step| (step.line, step.text.as_str())).collect();
    let expected = [
        (10, "a 'b\nc' \\\n  d"),
        (14, "# note"),
        (15, "e && f"),
        (16, "g=$(h\n)"),
        (40, "select 1\nfrom x;"),
        (43, "select 2"),
    ];
    assert_eq!(found, expected);
    assert_eq!(page.files, [("pack.json".to_owned(), "{}\n".to_owned())]);
}
