//! Rules in CEL (the Common Expression Language), compiled once and guarded: no expression can stall or crash the process.
//!
//! [`guard`] refuses what is too long, too deep, too costly or names something unknown; [`scope`] holds the values a rule sees.
//! Packs compile here at load, triage and seeding evaluate.

mod functions;
mod guard;
mod scope;
#[cfg(test)]
mod tests;

use std::cell::Cell;

use cel::{Context, Value as CelValue, common::ast::IdedExpr};

pub use functions::environment;
pub use guard::{Cost, Names, Reads};
pub use scope::{Scope, Size, from_json, from_value, object};

/// Longest source, in bytes.
pub const MAX_SOURCE: usize = 2048;

/// Stack of the thread that parses: recursion of the parser is bounded by the length of the source, and this is enough for it.
const PARSER_STACK: usize = 256 << 20;

/// A compiled rule.
#[derive(Debug)]
pub struct Expression {
    source: String,
    tree: IdedExpr,
    cost: Cost,
    reads: Reads,
}

/// Why an expression was refused at load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ExpressionFault {
    #[error("the expression has {0} bytes; at most {MAX_SOURCE} are allowed")]
    TooLong(usize),
    #[error("not a CEL expression: {0}")]
    Syntax(String),
    #[error("the expression is nested {0} levels deep; at most {max} are allowed", max = guard::MAX_DEPTH)]
    TooDeep(usize),
    #[error("macros such as all() and exists() are nested {0} deep; at most {max} are allowed", max = guard::MAX_MACRO_DEPTH)]
    MacrosTooDeep(usize),
    #[error("'{0}' is not known here; known are {1}")]
    UnknownName(String, String),
    #[error("'{0}' is not a function that rules may use; allowed are {1}")]
    UnknownFunction(String, String),
    #[error("'{root}.{field}' is not declared; {known}")]
    UnknownField { root: String, field: String, known: String },
    #[error("{0}")]
    Pattern(String),
}

/// Why an expression gave no answer for these values. It never decides silently: the default applies and the reason says this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum EvaluationFault {
    #[error("{0}")]
    Failed(String),
    #[error("it gives {0}, not true or false")]
    NotBoolean(&'static str),
    #[error("it would take {0} steps on this payload; at most {max} are allowed", max = guard::MAX_STEPS)]
    TooCostly(u64),
}

impl Expression {
    /// Compiles and guards a source. `names` is what it may refer to.
    pub fn compile(source: &str, names: &Names) -> Result<Self, ExpressionFault> {
        Self::compile_with(source, names, |_| {})
    }

    /// The same, with a last change to the guarded tree: how seeds make every number a double.
    pub fn compile_with(source: &str, names: &Names, change: impl FnOnce(&mut IdedExpr)) -> Result<Self, ExpressionFault> {
        let mut tree = parse(source)?;
        let (cost, reads) = guard::check(&tree, names)?;
        change(&mut tree);
        guard::check_depth(&tree)?;
        Ok(Self {
            source: source.to_owned(),
            tree,
            cost,
            reads,
        })
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Variables and members that an evaluation reads.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Evaluates to a value.
    pub fn value(&self, scope: &Scope) -> Result<CelValue, EvaluationFault> {
        self.value_in(scope.context(), scope.size())
    }

    /// Evaluates in a context that has functions of its own, over values of this size.
    pub fn value_in(&self, context: &Context<'_, '_>, size: Size) -> Result<CelValue, EvaluationFault> {
        let steps = self.cost.steps(size);
        if steps > guard::MAX_STEPS {
            return Err(EvaluationFault::TooCostly(steps));
        }
        // A panic inside the interpreter is its bug, not a reason to lose the exception.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| context.resolve(&self.tree)))
            .unwrap_or_else(|_| Err(cel::ExecutionError::InternalError("the interpreter failed".into())))
            .map_err(|error| EvaluationFault::Failed(shorten(&error.to_string())))
    }

    /// Evaluates a condition.
    pub fn holds(&self, scope: &Scope) -> Result<bool, EvaluationFault> {
        match self.value(scope)? {
            CelValue::Bool(answer) => Ok(answer),
            other => Err(EvaluationFault::NotBoolean(kind_of(&other))),
        }
    }
}

/// Reads a source whose tree turns out shallow.
fn parse(source: &str) -> Result<IdedExpr, ExpressionFault> {
    if source.len() > MAX_SOURCE {
        return Err(ExpressionFault::TooLong(source.len()));
    }
    // The parser recurses per operator, and so does dropping its tree: both happen on the deep stack.
    on_deep_stack(|| {
        let parsed = environment().parser().parse(source);
        let tree = parsed.map_err(|errors| ExpressionFault::Syntax(first_line(&errors.to_string())))?;
        guard::check_depth(&tree)?;
        Ok(tree)
    })
    .unwrap_or_else(|why| Err(ExpressionFault::Syntax(why)))
}

thread_local! {
    static DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Runs something on a stack deep enough for the parser. Whoever compiles many expressions wraps them all, and one thread serves.
pub fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    if DEEP.get() {
        return Ok(work());
    }
    let work = || {
        DEEP.set(true);
        work()
    };
    #[expect(clippy::disallowed_methods, reason = "the one place that needs a bigger stack; joined at once")]
    std::thread::scope(
        |threads| match std::thread::Builder::new().stack_size(PARSER_STACK).spawn_scoped(threads, work) {
            Ok(thread) => thread.join().map_err(|_| "the parser gave up".to_owned()),
            Err(error) => Err(format!("no thread to parse on: {error}")),
        },
    )
}

fn kind_of(value: &CelValue) -> &'static str {
    match value {
        CelValue::Int(_) | CelValue::UInt(_) => "a whole number",
        CelValue::Float(_) => "a number",
        CelValue::String(_) => "a text",
        CelValue::List(_) => "a list",
        CelValue::Map(_) => "an object",
        CelValue::Null => "null",
        _ => "something else",
    }
}

/// Error texts of the interpreter can quote whole payloads; the reason on the exception stays short.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn first_line(text: &str) -> String {
    shorten(text.lines().find(|line| !line.trim().is_empty()).unwrap_or("syntax error"))
}
