//! As much of Markdown and of the shell as our pages use: links, headings, code, commands.

use std::{fmt, path::PathBuf};

/// A page.
pub struct Page {
    pub path: PathBuf,
    /// Fenced blocks: language and text.
    blocks: Vec<(String, String)>,
    /// Everything else, line by line.
    prose: Vec<String>,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path.file_name().unwrap_or_default().to_string_lossy())
    }
}

impl Page {
    pub fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).unwrap();
        let (mut blocks, mut prose) = (Vec::new(), Vec::new());
        let mut open: Option<(String, String)> = None;
        for line in text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                // Behind the language there may be the name of the file that the block shows.
                (Some(info), None) => open = Some((info.split(' ').next().unwrap_or_default().to_owned(), String::new())),
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some((_, block))) => {
                    block.push_str(line);
                    block.push('\n');
                }
                (None, None) => prose.push(line.to_owned()),
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", path.display());
        Self { path, blocks, prose }
    }

    /// Fenced blocks for a shell.
    pub fn blocks(&self) -> impl Iterator<Item = &str> {
        self.blocks_of("bash")
    }

    /// Fenced blocks of a language.
    pub fn blocks_of(&self, language: &str) -> impl Iterator<Item = &str> {
        self.blocks
            .iter()
            .filter(move |(of, _)| of == language)
            .map(|(_, text)| text.as_str())
    }

    /// Code within lines.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.prose.iter().flat_map(|line| line.split('`').skip(1).step_by(2))
    }

    /// Targets of links and pictures.
    pub fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for line in &self.prose {
            // What stands in code is no link, but code may be the text of one.
            let plain: String = line.split('`').step_by(2).collect();
            let targets = plain.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            links.extend(targets.map(str::to_owned));
        }
        links
    }

    /// Names by which headings are linked.
    pub fn anchors(&self) -> impl Iterator<Item = String> {
        let headings = self.prose.iter().filter(|line| line.starts_with('#'));
        headings.map(|line| {
            let text = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
        })
    }
}

/// Commands of a shell text, each as its words: without variables before it and without the folder of the program.
pub fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for mut words in split(text) {
        let is_variable = |word: &String| {
            word.split_once('=')
                .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        };
        words.drain(..words.iter().take_while(|word| is_variable(word)).count());
        if let Some(program) = words.first_mut() {
            *program = program.rsplit('/').next().unwrap_or_default().to_owned();
            commands.push(words);
        }
    }
    commands
}

#[expect(clippy::match_same_arms, reason = "the order of the arms is the grammar")]
/// Words by command. Knows quotes, comments and continued lines; redirections end a command.
fn split(text: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (sign, quote) {
            (_, Some(open)) if sign == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(sign),
            ('\'' | '"', None) => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            ('\\', None) if signs.next_if_eq(&'\n').is_some() => {}
            ('#', None) if word.is_none() => while signs.next_if(|sign| *sign != '\n').is_some() {},
            ('\n' | '|' | '&' | ';' | '>' | '<', None) => {
                commands.last_mut().unwrap().extend(word.take());
                commands.push(Vec::new());
            }
            (_, None) if sign.is_whitespace() => commands.last_mut().unwrap().extend(word.take()),
            (_, None) => word.get_or_insert_default().push(sign),
        }
    }
    commands.last_mut().unwrap().extend(word);
    commands.retain(|words| !words.is_empty());
    commands
}

#[test]
fn commands_are_found_in_a_shell_text() {
    let text =
        "# a comment\nA=1 B=\"$(x y)\" target/release/sentinai db psql -- -c \"select\n1;\" \\\n  -t | head > out\nmake ui && make demo";
    let expected = [
        &["sentinai", "db", "psql", "--", "-c", "select\n1;", "-t"][..],
        &["head"],
        &["out"],
        &["make", "ui"],
        &["make", "demo"],
    ];
    assert_eq!(commands(text), expected);
}
