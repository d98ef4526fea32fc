//! Generators after compilation: names resolved, expressions parsed, ranges checked.

use domain::{
    format::Format,
    pack::seed::{DateOffset, LogNormal, TimeOffset, Uniform},
};
use serde_json::Value;

use crate::{expression::Expression, number::Decimals, stream::Weights};

/// How one value is made.
#[derive(Debug)]
pub(crate) enum Recipe<'p> {
    Const(&'p Value),
    Pick(&'p [Value]),
    PickWeighted(Vec<&'p str>, Weights),
    Pool {
        pool: usize,
        field: &'p str,
        alias: Option<&'p str>,
    },
    Pattern(&'p str),
    Integer {
        min: i64,
        step: i64,
        count: u64,
    },
    LogNormal(&'p LogNormal, Decimals<'p>),
    Uniform(&'p Uniform, Decimals<'p>),
    Date(&'p DateOffset),
    Time(&'p TimeOffset),
    Identifier(Format),
    Expr(Expression, Decimals<'p>),
    List {
        of: Box<Recipe<'p>>,
        min: u32,
        max: u32,
    },
    Object(Vec<Step<'p>>),
    Mix(Weights, Vec<Recipe<'p>>),
    Choose(Vec<(Expression, Recipe<'p>)>, Box<Recipe<'p>>),
    Text(Vec<Piece<'p>>),
    Maybe(f64, Box<Recipe<'p>>),
    /// The value of a field that the pack declares as a whole number.
    Whole(Box<Recipe<'p>>),
}

/// A named value.
#[derive(Debug)]
pub(crate) struct Step<'p> {
    pub(crate) name: &'p str,
    pub(crate) recipe: Recipe<'p>,
    /// Place in the pack document.
    pub(crate) pointer: String,
}

impl Step<'_> {
    /// Whether it is computed only for others.
    pub(crate) fn is_hidden(&self) -> bool {
        self.name.starts_with('_')
    }
}

/// Part of a text.
#[derive(Debug)]
pub(crate) enum Piece<'p> {
    Plain(&'p str),
    Value(&'p str),
}

/// Splits a text at its `{name}` placeholders; `None` where one does not end.
pub(crate) fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        pieces.push(Piece::Plain(plain));
        pieces.push(Piece::Value(name));
        rest = after;
    }
    pieces.push(Piece::Plain(rest));
    Some(pieces)
}
