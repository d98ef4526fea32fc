//! CEL for pack authors who think in numbers, not in number types.
//!
//! CEL refuses `quantity * 2` where one is a double and the other an int. In seed expressions every number is a double:
//! values, literals (except an index such as `list[0]`) and the results of `size`, `int` and `days`; `%` works on doubles
//! too. The sending side turns whole results back into JSON integers. The limits are those of all rules.

use cel::{
    Context, IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, operators},
};
use domain::expression::{self, Names};
use serde_json::{Map, Value};

use crate::{fault::SeedProblem, functions, number, scope::Scope};

/// Functions whose result is an int.
const WHOLE: [&str; 3] = ["size", "int", "days"];

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Expression(expression::Expression);

impl Expression {
    /// Compiles a source that may use these values.
    pub(crate) fn compile(source: &str, known: &[&str]) -> Result<Self, SeedProblem> {
        let names = Names {
            variables: known.iter().map(|name| (*name).to_owned()).collect(),
            functions: functions::NAMED.map(String::from).into(),
            ..Names::default()
        };
        let compiled = expression::Expression::compile_with(source, &names, to_doubles);
        compiled.map(Expression).map_err(|fault| SeedProblem::Expression {
            source_text: source.to_owned(),
            fault,
        })
    }

    /// Its value; a number is not rounded yet. `root` has the functions.
    pub(crate) fn evaluate(&self, root: &Context<'static, 'static>, scope: &Scope<'_>) -> Result<Value, SeedProblem> {
        let mut context = root.new_inner_scope();
        let mut size = expression::Size::default();
        for name in self.0.reads().variables() {
            let value = to_cel(scope.get(name).cloned().unwrap_or(Value::Null));
            size.add(&value);
            context.add_variable_from_value(name, value);
        }
        let result = self.0.value_in(&context, size).map_err(|fault| self.failed(fault.to_string()))?;
        from_cel(&result).map_err(|reason| self.failed(reason))
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, root: &Context<'static, 'static>, scope: &Scope<'_>) -> Result<bool, SeedProblem> {
        let value = self.evaluate(root, scope)?;
        value
            .as_bool()
            .ok_or_else(|| SeedProblem::NotACondition(self.0.source().to_owned()))
    }

    fn failed(&self, reason: String) -> SeedProblem {
        SeedProblem::Evaluation {
            source_text: self.0.source().to_owned(),
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

/// Turns the numbers of an expression into doubles.
fn to_doubles(tree: &mut IdedExpr) {
    match &mut tree.expr {
        Expr::Literal(literal) => to_double(literal),
        Expr::Ident(_) | Expr::Unspecified => {}
        Expr::Select(select) => to_doubles(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(to_doubles),
        Expr::Map(map) => map.entries.iter_mut().for_each(|entry| entry_to_doubles(&mut entry.expr)),
        Expr::Struct(object) => object.entries.iter_mut().for_each(|entry| entry_to_doubles(&mut entry.expr)),
        Expr::Comprehension(comprehension) => comprehension_to_doubles(comprehension),
        Expr::Call(call) => call_to_doubles(call),
    }
    if matches!(&tree.expr, Expr::Call(call) if WHOLE.contains(&call.func_name.as_str())) {
        wrap(tree, "double");
    }
}

fn entry_to_doubles(entry: &mut EntryExpr) {
    match entry {
        EntryExpr::StructField(field) => to_doubles(&mut field.value),
        EntryExpr::MapEntry(entry) => {
            to_doubles(&mut entry.key);
            to_doubles(&mut entry.value);
        }
    }
}

fn call_to_doubles(call: &mut CallExpr) {
    let is_index = call.func_name == operators::INDEX;
    if call.func_name == operators::MODULO {
        functions::REMAINDER.clone_into(&mut call.func_name);
    }
    if let Some(target) = &mut call.target {
        to_doubles(target);
    }
    for (at, argument) in call.args.iter_mut().enumerate() {
        let is_position = is_index && at == 1 && matches!(argument.expr, Expr::Literal(_));
        if !is_position {
            to_doubles(argument);
        }
    }
}

/// A map is gone through in the order of its keys, not of their hashes.
fn comprehension_to_doubles(comprehension: &mut ComprehensionExpr) {
    to_doubles(&mut comprehension.iter_range);
    wrap(&mut comprehension.iter_range, functions::ORDERED);
    to_doubles(&mut comprehension.accu_init);
    to_doubles(&mut comprehension.loop_cond);
    to_doubles(&mut comprehension.loop_step);
    to_doubles(&mut comprehension.result);
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
