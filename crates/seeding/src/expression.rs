//! CEL for pack authors who think in numbers, not in number types.
//!
//! CEL refuses `quantity * 2` where one is a double and the other an int. In seed expressions every number is a double:
//! values, literals (except an index such as `list[0]`) and the results of `size` and `int`; `%` works on doubles too.
//! The sending side turns whole results back into JSON integers.

use std::collections::BTreeSet;

use cel::{
    Context, IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators},
    parser::Parser,
};
use serde_json::{Map, Value};

use crate::{fault::SeedProblem, functions, number, scope::Scope};

/// Functions of CEL whose result is an int.
const WHOLE: [&str; 10] = [
    "size",
    "int",
    "uint",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
];

/// A parsed expression.
#[derive(Debug)]
pub(crate) struct Expression {
    source: String,
    tree: IdedExpr,
    /// Values it needs.
    names: BTreeSet<String>,
}

impl Expression {
    pub(crate) fn parse(source: &str) -> Result<Self, SeedProblem> {
        let parsed = Parser::new().parse(source);
        let mut tree = parsed.map_err(|errors| SeedProblem::Syntax {
            source_text: source.to_owned(),
            reason: errors.to_string().lines().next().unwrap_or_default().to_owned(),
        })?;
        let mut walk = Walk::default();
        walk.visit(&mut tree);
        Ok(Expression {
            source: source.to_owned(),
            tree,
            names: walk.free,
        })
    }

    /// Values it needs, in alphabetical order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Its value; a number is not rounded yet.
    pub(crate) fn evaluate(&self, root: &Context<'static, 'static>, scope: &Scope<'_>) -> Result<Value, SeedProblem> {
        let mut context = root.new_inner_scope();
        for name in &self.names {
            let value = scope.get(name).cloned().unwrap_or(Value::Null);
            context.add_variable_from_value(name.as_str(), to_cel(value));
        }
        let result = context.resolve(&self.tree).map_err(|error| self.failed(error.to_string()))?;
        from_cel(&result).map_err(|reason| self.failed(reason))
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, root: &Context<'static, 'static>, scope: &Scope<'_>) -> Result<bool, SeedProblem> {
        let value = self.evaluate(root, scope)?;
        value.as_bool().ok_or_else(|| SeedProblem::NotACondition(self.source.clone()))
    }

    pub(crate) fn failed(&self, reason: String) -> SeedProblem {
        SeedProblem::Evaluation {
            source_text: self.source.clone(),
            reason,
        }
    }
}

fn to_cel(value: Value) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Number(number) => number.as_f64().unwrap_or_default().into(),
        Value::String(text) => text.into(),
        Value::Array(items) => items.into_iter().map(to_cel).collect::<Vec<_>>().into(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, to_cel(value)));
            fields.collect::<std::collections::HashMap<_, _>>().into()
        }
    }
}

/// Fields of an object come in alphabetical order: a CEL map has none of its own.
fn from_cel(value: &cel::Value) -> Result<Value, String> {
    Ok(match value {
        cel::Value::Null => Value::Null,
        cel::Value::Bool(value) => Value::Bool(*value),
        cel::Value::Int(number) => Value::from(*number),
        cel::Value::UInt(number) => Value::from(*number),
        cel::Value::Float(number) => number::json(*number).ok_or_else(|| format!("the result is {number}"))?,
        cel::Value::String(text) => Value::String(text.to_string()),
        cel::Value::List(items) => Value::Array(items.iter().map(from_cel).collect::<Result<_, _>>()?),
        cel::Value::Map(map) => {
            let fields = map.map.iter().map(|(name, value)| Ok((name.to_string(), from_cel(value)?)));
            let mut fields: Vec<(String, Value)> = fields.collect::<Result<_, String>>()?;
            fields.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(Map::from_iter(fields))
        }
        other => return Err(format!("a result of type {:?} cannot be sent", other.type_of())),
    })
}

/// Turns numbers into doubles and collects the names that are not bound within the expression.
#[derive(Default)]
struct Walk {
    bound: Vec<String>,
    free: BTreeSet<String>,
}

impl Walk {
    fn visit(&mut self, tree: &mut IdedExpr) {
        match &mut tree.expr {
            Expr::Literal(literal) => to_double(literal),
            Expr::Ident(name) if !self.bound.contains(name) => {
                self.free.insert(name.clone());
            }
            Expr::Ident(_) | Expr::Unspecified => {}
            Expr::Select(select) => self.visit(&mut select.operand),
            Expr::List(list) => list.elements.iter_mut().for_each(|element| self.visit(element)),
            Expr::Map(map) => map.entries.iter_mut().for_each(|entry| self.entry(&mut entry.expr)),
            Expr::Struct(object) => object.entries.iter_mut().for_each(|entry| self.entry(&mut entry.expr)),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Call(call) => self.call(call),
        }
        if matches!(&tree.expr, Expr::Call(call) if WHOLE.contains(&call.func_name.as_str())) {
            wrap(tree, "double");
        }
    }

    fn entry(&mut self, entry: &mut EntryExpr) {
        match entry {
            EntryExpr::StructField(field) => self.visit(&mut field.value),
            EntryExpr::MapEntry(entry) => {
                self.visit(&mut entry.key);
                self.visit(&mut entry.value);
            }
        }
    }

    fn call(&mut self, call: &mut CallExpr) {
        let is_index = call.func_name == operators::INDEX;
        if call.func_name == operators::MODULO {
            functions::REMAINDER.clone_into(&mut call.func_name);
        }
        if let Some(target) = &mut call.target {
            self.visit(target);
        }
        for (at, argument) in call.args.iter_mut().enumerate() {
            let is_position = is_index && at == 1 && matches!(argument.expr, Expr::Literal(_));
            if !is_position {
                self.visit(argument);
            }
        }
    }

    /// A map is gone through in the order of its keys, not of their hashes.
    fn comprehension(&mut self, comprehension: &mut ComprehensionExpr) {
        self.visit(&mut comprehension.iter_range);
        wrap(&mut comprehension.iter_range, functions::ORDERED);
        self.visit(&mut comprehension.accu_init);
        let outer = self.bound.len();
        self.bound.push(comprehension.iter_var.clone());
        self.bound.push(comprehension.accu_var.clone());
        self.bound.extend(comprehension.iter_var2.clone());
        self.visit(&mut comprehension.loop_cond);
        self.visit(&mut comprehension.loop_step);
        self.visit(&mut comprehension.result);
        self.bound.truncate(outer);
    }
}

/// Makes the expression the argument of a function.
fn wrap(tree: &mut IdedExpr, function: &str) {
    let inner = std::mem::take(tree);
    tree.id = inner.id;
    tree.expr = Expr::Call(CallExpr {
        func_name: function.to_owned(),
        target: None,
        args: vec![inner],
    });
}

#[expect(clippy::cast_precision_loss, reason = "documented: numbers are doubles")]
fn to_double(literal: &mut LiteralValue) {
    let number = match literal {
        LiteralValue::Int(number) => *number.inner() as f64,
        LiteralValue::UInt(number) => *number.inner() as f64,
        _ => return,
    };
    *literal = LiteralValue::Double(number.into());
}
