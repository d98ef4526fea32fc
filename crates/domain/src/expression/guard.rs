//! The limits: how deep, how nested, how costly an expression may be, and which names it may use.
//!
//! The interpreter has no limits of its own: its recursion aborts the process and nested macros multiply.

use std::collections::{BTreeMap, BTreeSet};

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use super::{ExpressionFault, functions};

/// Deepest tree; evaluation recurses per level and must fit a server thread's stack.
pub const MAX_DEPTH: usize = 48;
/// Deepest nesting of `all`, `exists`, `map`, `filter`, and of searches inside them.
pub const MAX_MACRO_DEPTH: usize = 2;
/// Most steps of one evaluation: about 50 ms.
pub const MAX_STEPS: u64 = 200_000;
/// Longest regular expression.
const MAX_PATTERN: usize = 100;

/// What an expression may refer to.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Top-level variables.
    pub variables: BTreeSet<String>,
    /// Of some variables, all the members there are; of others any member is allowed.
    pub members: Vec<(String, BTreeSet<String>)>,
    /// Functions beyond those all rules have.
    pub functions: BTreeSet<String>,
}

/// The variables that expressions read. Of those of which they read single members, these; of others, all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads(BTreeMap<String, Option<BTreeSet<String>>>);

impl Reads {
    /// Names of the variables, in alphabetical order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether the variable is read.
    pub fn variable(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether a member of the variable is read.
    pub fn member(&self, variable: &str, name: &str) -> bool {
        self.0
            .get(variable)
            .is_some_and(|members| members.as_ref().is_none_or(|members| members.contains(name)))
    }

    /// Adds what another expression reads.
    pub fn extend(&mut self, other: &Self) {
        for (variable, members) in &other.0 {
            match members {
                None => self.add(variable, None),
                Some(members) => members.iter().for_each(|member| self.add(variable, Some(member))),
            }
        }
    }

    fn add(&mut self, variable: &str, member: Option<&str>) {
        if !self.0.contains_key(variable) {
            self.0.insert(variable.to_owned(), Some(BTreeSet::new()));
        }
        match (self.0.get_mut(variable), member) {
            (Some(Some(members)), Some(member)) => drop(members.insert(member.to_owned())),
            (Some(all), None) => *all = None,
            _ => {}
        }
    }
}

/// What one evaluation costs, as a function of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    nodes: u64,
    macro_depth: u32,
    literals: u64,
}

impl Cost {
    /// An upper bound of the steps over values whose largest collection has `largest` elements.
    pub fn steps(self, largest: usize) -> u64 {
        let size = (largest as u64).saturating_add(self.literals).max(1);
        self.nodes.saturating_mul(size.saturating_pow(self.macro_depth))
    }
}

/// Refuses a tree that is too deep, without recursion.
pub fn check_depth(root: &IdedExpr) -> Result<(), ExpressionFault> {
    let mut deepest = 0;
    let mut waiting = vec![(root, 1)];
    while let Some((node, depth)) = waiting.pop() {
        deepest = deepest.max(depth);
        waiting.extend(children(node).into_iter().map(|child| (child, depth + 1)));
    }
    if deepest > MAX_DEPTH {
        Err(ExpressionFault::TooDeep(deepest))
    } else {
        Ok(())
    }
}

/// Checks names, functions and macros of a tree whose depth is known to be small. Returns its cost and what it reads.
pub fn check(root: &IdedExpr, names: &Names) -> Result<(Cost, Reads), ExpressionFault> {
    let mut walk = Walk {
        names,
        bound: Vec::new(),
        reads: Reads::default(),
        nodes: 0,
        literals: 0,
    };
    let macro_depth = walk.visit(root)?;
    if macro_depth > MAX_MACRO_DEPTH {
        return Err(ExpressionFault::MacrosTooDeep(macro_depth));
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most MAX_MACRO_DEPTH")]
    let cost = Cost {
        nodes: walk.nodes,
        macro_depth: macro_depth as u32,
        literals: walk.literals,
    };
    Ok((cost, walk.reads))
}

struct Walk<'a> {
    names: &'a Names,
    bound: Vec<String>,
    reads: Reads,
    nodes: u64,
    literals: u64,
}

impl Walk<'_> {
    /// Visits a node and returns how deep macros nest in it.
    fn visit(&mut self, node: &IdedExpr) -> Result<usize, ExpressionFault> {
        self.nodes += 1;
        match &node.expr {
            Expr::Ident(name) => self.read(name, None).map(|()| 0),
            Expr::Select(select) => {
                if let Expr::Ident(root) = &select.operand.expr {
                    self.nodes += 1;
                    self.check_member(root, &select.field)?;
                    return self.read(root, Some(&select.field)).map(|()| 0);
                }
                self.visit(&select.operand)
            }
            Expr::Call(call) => {
                self.check_call(&call.func_name, &call.args)?;
                let mut depth = 0;
                for part in call.target.iter().map(|target| &**target).chain(&call.args) {
                    depth = depth.max(self.visit(part)?);
                }
                // A search through a collection costs a loop of its own.
                Ok(depth + usize::from(searches(&call.func_name, &call.args)))
            }
            Expr::Comprehension(comprehension) => self.visit_macro(comprehension),
            Expr::List(list) => {
                self.literals += list.elements.len() as u64;
                self.deepest(list.elements.iter())
            }
            Expr::Map(map) => {
                self.literals += map.entries.len() as u64;
                let parts: Vec<_> = map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect();
                self.deepest(parts.into_iter())
            }
            Expr::Struct(object) => Err(ExpressionFault::UnknownName(object.type_name.clone(), self.known())),
            Expr::Literal(_) | Expr::Unspecified => Ok(0),
        }
    }

    fn deepest<'e>(&mut self, parts: impl Iterator<Item = &'e IdedExpr>) -> Result<usize, ExpressionFault> {
        parts
            .map(|part| self.visit(part))
            .try_fold(0, |deepest, depth| Ok(deepest.max(depth?)))
    }

    fn visit_macro(&mut self, comprehension: &ComprehensionExpr) -> Result<usize, ExpressionFault> {
        let range = self.visit(&comprehension.iter_range)?;
        let before = self.bound.len();
        self.bound.push(comprehension.iter_var.clone());
        self.bound.extend(comprehension.iter_var2.clone());
        self.bound.push(comprehension.accu_var.clone());
        let inside = self.deepest(
            [
                &comprehension.accu_init,
                &comprehension.loop_cond,
                &comprehension.loop_step,
                &comprehension.result,
            ]
            .into_iter(),
        );
        self.bound.truncate(before);
        Ok(range.max(inside? + 1))
    }

    fn read(&mut self, name: &str, member: Option<&str>) -> Result<(), ExpressionFault> {
        if self.bound.iter().any(|bound| bound == name) {
            return Ok(());
        }
        if self.names.variables.contains(name) {
            self.reads.add(name, member);
            return Ok(());
        }
        Err(ExpressionFault::UnknownName(name.to_owned(), self.known()))
    }

    fn check_member(&self, root: &str, field: &str) -> Result<(), ExpressionFault> {
        let Some((_, known)) = self.names.members.iter().find(|(name, _)| name == root) else {
            return Ok(());
        };
        if self.bound.iter().any(|bound| bound == root) || known.contains(field) {
            return Ok(());
        }
        let known = format!("declared are {}", known.iter().cloned().collect::<Vec<_>>().join(", "));
        Err(ExpressionFault::UnknownField {
            root: root.to_owned(),
            field: field.to_owned(),
            known,
        })
    }

    fn check_call(&self, function: &str, args: &[IdedExpr]) -> Result<(), ExpressionFault> {
        if !functions::is_known(function) && !self.names.functions.contains(function) {
            let mut allowed: Vec<&str> = functions::NAMED.to_vec();
            allowed.extend(self.names.functions.iter().map(String::as_str));
            return Err(ExpressionFault::UnknownFunction(function.to_owned(), allowed.join(", ")));
        }
        if function == "matches" {
            check_pattern(args.last())?;
        }
        Ok(())
    }

    fn known(&self) -> String {
        self.names.variables.iter().cloned().collect::<Vec<_>>().join(", ")
    }
}

/// A pattern is compiled at each evaluation, so it must be a literal, short and small when compiled.
fn check_pattern(pattern: Option<&IdedExpr>) -> Result<(), ExpressionFault> {
    let Some(IdedExpr {
        expr: Expr::Literal(LiteralValue::String(pattern)),
        ..
    }) = pattern
    else {
        return Err(ExpressionFault::Pattern("the pattern of matches() must be a text in quotes".into()));
    };
    let pattern = pattern.inner();
    if pattern.len() > MAX_PATTERN {
        return Err(ExpressionFault::Pattern(format!(
            "the pattern of matches() has more than {MAX_PATTERN} bytes"
        )));
    }
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 16)
        .build()
        .map(drop)
        .map_err(|error| ExpressionFault::Pattern(format!("the pattern of matches() is refused: {error}")))
}

fn searches(function: &str, args: &[IdedExpr]) -> bool {
    match function {
        operators::IN | operators::EQUALS | operators::NOT_EQUALS => !args.iter().any(|arg| is_small(&arg.expr)),
        "matches" => true,
        _ => false,
    }
}

/// Whether comparing with this takes a step or two, whatever the other side is.
fn is_small(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(_) => true,
        Expr::List(list) => list.elements.iter().all(|element| matches!(element.expr, Expr::Literal(_))),
        Expr::Call(call) => matches!(call.func_name.as_str(), "size" | "int" | "double" | "string" | "abs"),
        _ => false,
    }
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

fn children(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Comprehension(it) => vec![&it.iter_range, &it.accu_init, &it.loop_cond, &it.loop_step, &it.result],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect(),
        Expr::Struct(object) => object.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect(),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}
