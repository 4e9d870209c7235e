//! From the text of a plan's condition to [`Expr`], by way of the crate `sqlparser`.

use std::ops::ControlFlow;

use sqlparser::ast::{
    self, BinaryOperator, Expr as Ast, FunctionArg, FunctionArgExpr, FunctionArguments,
    UnaryOperator, Value,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::expr::Expr;
use super::text::{self, INIT_PLAN};

/// Deep enough for what people write; beyond, the parser's own recursion would endanger the stack.
const DEPTH: usize = 25;
/// As many ANDs and ORs are parsed in one condition; they nest in the parser's tree.
const CONNECTIVES: usize = 300;

/// The conditions that `text` joins by AND. What cannot be parsed comes back as [`Expr::Other`].
///
/// `returned`: the parameters that init plans set, see [`text::returned`].
pub(super) fn conditions(text: &str, returned: &[text::Returned]) -> Vec<Expr> {
    let text = text::with_init_plans_named(text, returned);
    text::conjuncts(&text).into_iter().flat_map(|part| flattened(expression(part))).collect()
}

/// The expressions of a comma-separated list, such as `pg_get_expr` prints for a partition key.
/// `None` when they cannot be parsed.
pub(super) fn list(text: &str) -> Option<Vec<Expr>> {
    let mut exprs = Vec::new();
    let dialect = PostgreSqlDialect {};
    let mut parser = Parser::new(&dialect).with_recursion_limit(DEPTH).try_with_sql(text).ok()?;
    loop {
        exprs.push(convert(&parser.parse_expr().ok()?));
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    parser.expect_token(&Token::EOF).ok().map(|_| exprs)
}

/// The conditions of the SELECT that a foreign scan sends, whose columns are the other server's. `None`
/// when it cannot be parsed, or has values that the plan does not show.
pub(super) fn remote(sql: &str) -> Option<Vec<Expr>> {
    let dialect = PostgreSqlDialect {};
    let mut parser = Parser::new(&dialect).with_recursion_limit(DEPTH).try_with_sql(sql).ok()?;
    let ast::SetExpr::Select(select) = *parser.parse_query().ok()?.body else { return None };
    let conditions = select.selection.as_ref().map(convert).map(flattened).unwrap_or_default();
    let shown = |expr: &Expr| !expr.walk().any(|part| matches!(part, Expr::Param(_)));
    conditions.iter().all(shown).then_some(conditions)
}

fn flattened(expr: Expr) -> Vec<Expr> {
    match expr {
        Expr::And(parts) => parts,
        other => vec![other],
    }
}

fn expression(text: &str) -> Expr {
    let few = text.matches(" AND ").count() + text.matches(" OR ").count() <= CONNECTIVES;
    match if few { list(text) } else { None }.as_deref() {
        Some([expr]) => expr.clone(),
        _ => Expr::Other { text: readable(text), parts: columns_in(text) },
    }
}

fn readable(text: &str) -> String {
    text.replace(INIT_PLAN, "")
}

/// Every word of `text` outside quotes as if it were a column of the scanned table, for all that is
/// known of an expression that cannot be parsed: so it is never taken for one that does not mention the key.
fn columns_in(text: &str) -> Vec<Expr> {
    let (mut names, mut word, mut string) = (Vec::new(), String::new(), false);
    for c in text.chars().chain([' ']) {
        if c == '\'' {
            string = !string;
        } else if !string && (c.is_alphanumeric() || c == '_' || c == '$') {
            word.push(c);
        } else if !word.is_empty() {
            names.push(Expr::own(std::mem::take(&mut word)));
        }
    }
    names
}

fn convert(ast: &Ast) -> Expr {
    let boxed = |ast: &Ast| Box::new(convert(ast));
    match ast {
        Ast::Nested(inner) => convert(inner),
        Ast::Identifier(ident) => match ident.value.strip_prefix(INIT_PLAN) {
            Some(name) => Expr::InitPlan(name.to_owned()),
            None => Expr::own(&ident.value),
        },
        Ast::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, name] => {
                Expr::Column { table: Some(table.value.clone()), name: name.value.clone() }
            }
            _ => other(ast),
        },
        Ast::Value(value) => literal(&value.value).unwrap_or_else(|| other(ast)),
        Ast::Cast { expr, data_type, .. } => {
            let target = match type_name(data_type) {
                // How a plan prints a text that is read as another type; as input it is refused.
                target if target == "cstring" => "text".to_owned(),
                target => target,
            };
            Expr::Cast { operand: boxed(expr), target }
        }
        Ast::Function(function) => call(function).unwrap_or_else(|| other(ast)),
        Ast::Extract { field, expr, .. } => {
            Expr::Extract { unit: field.to_string().to_lowercase(), operand: boxed(expr) }
        }
        Ast::AtTimeZone { timestamp, time_zone } => {
            Expr::AtTimeZone { operand: boxed(timestamp), zone: boxed(time_zone) }
        }
        Ast::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut parts = flattened(convert(left));
            parts.extend(flattened(convert(right)));
            Expr::And(parts)
        }
        Ast::BinaryOp { left, op: BinaryOperator::Or, right } => {
            let arms = |ast| match convert(ast) {
                Expr::Or(arms) => arms,
                other => vec![other],
            };
            let mut parts = arms(left);
            parts.extend(arms(right));
            Expr::Or(parts)
        }
        Ast::BinaryOp { left, op, right } => {
            Expr::Binary { left: boxed(left), op: op.to_string(), right: boxed(right) }
        }
        Ast::UnaryOp { op: UnaryOperator::Not, expr } => Expr::Not(boxed(expr)),
        Ast::UnaryOp { op, expr } => Expr::Unary { op: op.to_string(), operand: boxed(expr) },
        Ast::AnyOp { left, compare_op, right, .. } => Expr::Quantified {
            left: boxed(left),
            op: compare_op.to_string(),
            all: false,
            right: boxed(right),
        },
        Ast::AllOp { left, compare_op, right } => Expr::Quantified {
            left: boxed(left),
            op: compare_op.to_string(),
            all: true,
            right: boxed(right),
        },
        Ast::IsNull(expr) => Expr::Is { operand: boxed(expr), what: "NULL" },
        Ast::IsNotNull(expr) => Expr::Is { operand: boxed(expr), what: "NOT NULL" },
        Ast::IsTrue(expr) => Expr::Is { operand: boxed(expr), what: "TRUE" },
        Ast::IsNotTrue(expr) => Expr::Is { operand: boxed(expr), what: "NOT TRUE" },
        Ast::IsFalse(expr) => Expr::Is { operand: boxed(expr), what: "FALSE" },
        Ast::IsNotFalse(expr) => Expr::Is { operand: boxed(expr), what: "NOT FALSE" },
        Ast::IsUnknown(expr) => Expr::Is { operand: boxed(expr), what: "UNKNOWN" },
        Ast::IsNotUnknown(expr) => Expr::Is { operand: boxed(expr), what: "NOT UNKNOWN" },
        Ast::IsDistinctFrom(left, right) => Expr::Binary {
            left: boxed(left),
            op: "IS DISTINCT FROM".to_owned(),
            right: boxed(right),
        },
        Ast::Tuple(parts) => Expr::Row(parts.iter().map(convert).collect()),
        Ast::Array(array) => Expr::Array(array.elem.iter().map(convert).collect()),
        Ast::Collate { expr, collation } => {
            Expr::Collate { operand: boxed(expr), collation: collation.to_string() }
        }
        _ => other(ast),
    }
}

fn literal(value: &Value) -> Option<Expr> {
    Some(match value {
        Value::SingleQuotedString(text) => Expr::Literal { text: text.clone(), quoted: true },
        Value::Number(text, _) => Expr::Literal { text: text.clone(), quoted: false },
        Value::Boolean(value) => Expr::Literal { text: value.to_string(), quoted: false },
        Value::Null => Expr::Literal { text: "NULL".to_owned(), quoted: false },
        Value::Placeholder(name) => Expr::Param(name.clone()),
        _ => return None,
    })
}

fn call(function: &ast::Function) -> Option<Expr> {
    let name = function.name.to_string();
    let plain = function.over.is_none() && function.filter.is_none();
    let arguments = match &function.args {
        FunctionArguments::None if plain => {
            return Some(Expr::Call { name, args: Vec::new(), bare: true });
        }
        FunctionArguments::List(list) if plain && list.clauses.is_empty() => &list.args,
        _ => return None,
    };
    let args = arguments.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(convert(expr)),
        _ => None,
    });
    let args = args.collect::<Option<Vec<_>>>()?;
    if name == "ROW" { Some(Expr::Row(args)) } else { Some(Expr::Call { name, args, bare: false }) }
}

/// A type in `format_type`'s words. The parser prints the SQL standard's names in capitals.
fn type_name(data_type: &ast::DataType) -> String {
    let name = data_type.to_string();
    if matches!(data_type, ast::DataType::Custom(..)) { name } else { name.to_lowercase() }
}

/// What no variant of [`Expr`] describes, with the columns and functions within.
fn other(ast: &Ast) -> Expr {
    let mut parts = Vec::new();
    let _ = ast::visit_expressions(ast, |inner: &Ast| {
        match inner {
            Ast::Identifier(_) | Ast::CompoundIdentifier(_) => parts.push(convert(inner)),
            Ast::Function(function) => parts.push(Expr::Call {
                name: function.name.to_string(),
                args: Vec::new(),
                bare: false,
            }),
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    Expr::Other { text: readable(&ast.to_string()), parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Expr {
        let all = conditions(text, &[]);
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }

    /// Prints what PostgreSQL printed, but for needless parentheses.
    #[test]
    fn reads_what_postgres_prints() {
        for (text, printed) in [
            (
                "(at = '2024-02-01 00:00:00'::timestamp without time zone)",
                "at = '2024-02-01 00:00:00'::timestamp without time zone",
            ),
            ("((id + 0) = 5)", "(id + 0) = 5"),
            (
                "(date_trunc('month'::text, (day)::timestamp with time zone) > now())",
                "date_trunc('month'::text, day::timestamp with time zone) > now()",
            ),
            (
                "(EXTRACT(year FROM at) = '2024'::numeric)",
                "EXTRACT(year FROM at) = '2024'::numeric",
            ),
            (
                "((at AT TIME ZONE 'UTC'::text) > CURRENT_DATE)",
                "(at AT TIME ZONE 'UTC'::text) > CURRENT_DATE",
            ),
            ("(id = ANY ('{1,2,-3}'::integer[]))", "id = ANY ('{1,2,-3}'::integer[])"),
            ("(kind <> ALL (ARRAY['a'::text, kind]))", "kind <> ALL (ARRAY['a'::text, kind])"),
            ("(ROW(id, n) < ROW(1, 2.5))", "ROW(id, n) < ROW(1, 2.5)"),
            ("((lower(kind))::text = 'it''s'::text)", "lower(kind)::text = 'it''s'::text"),
            ("(NOT b)", "NOT b"),
            ("(b IS NOT TRUE)", "b IS NOT TRUE"),
            ("((a = 1) OR ((b = 2) AND (c IS NULL)))", "a = 1 OR (b = 2 AND c IS NULL)"),
            ("(\"A b\" COLLATE \"C\" >= 'x'::text)", "\"A b\" COLLATE \"C\" >= 'x'::text"),
            ("(\"left\"(kind, 2) = ($1)::text)", "\"left\"(kind, 2) = $1::text"),
            ("(p.id = id)", "p.id = id"),
            ("(at > (InitPlan 1).col1)", "at > (InitPlan 1)"),
        ] {
            let expr = one(text);
            assert!(!expr.walk().any(|part| matches!(part, Expr::Other { .. })), "{expr:?}");
            assert_eq!(expr.to_string(), printed);
        }
    }

    #[test]
    fn keeps_the_columns_of_what_it_cannot_read() {
        for text in ["(kind === 4)", "(hashed SubPlan 1) = kind", "CASE WHEN kind THEN 1 END"] {
            let expr = one(text);
            assert!(expr.mentions(&["kind".to_owned()]), "{text}: {expr:?}");
            assert!(matches!(expr, Expr::Other { .. }));
        }
    }

    #[test]
    fn reads_what_is_sent_to_another_server() {
        let of = |sql| remote(sql).map(|all| super::super::expr::joined(&all, " AND "));
        assert_eq!(
            of(
                "SELECT n, label FROM public.far WHERE ((n = 5)) AND ((label = 'x'::text)) ORDER BY n ASC NULLS LAST"
            ),
            Some("n = 5 AND label = 'x'::text".to_owned())
        );
        assert_eq!(of("SELECT NULL FROM public.far"), Some(String::new()));
        assert_eq!(of("SELECT n FROM public.far WHERE ((n = $1::integer))"), None);
        assert_eq!(of("UPDATE public.far SET n = 5"), None);
    }

    /// No server writes these; a broken plan must not end the program.
    #[test]
    fn survives_what_is_cut_off_or_mixed_up() {
        let whole = "((\"ä b\" = 'it''s (' ) OR ((x)::timestamp(3) without time zone > ($1 + (InitPlan 1).col1)) AND \
                     CASE WHEN y THEN ARRAY[1, 2] ELSE EXTRACT(year FROM z) END) AND (a = ANY ('{1,2}'::int[]))";
        let ends: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
        for (n, from) in ends.iter().enumerate() {
            for text in [&whole[*from..], &whole[..*from], &whole[ends[n / 2]..*from]] {
                let mixed: String = text.chars().rev().collect();
                for text in [text, &mixed] {
                    conditions(text, &[]);
                    text::without_alias(text, "x");
                    remote(&format!("SELECT 1 WHERE {text}"));
                }
            }
        }
    }

    #[test]
    fn survives_nesting_and_length() {
        let deep = format!("{}a{}", "f(".repeat(5000), ")".repeat(5000));
        assert!(matches!(one(&deep), Expr::Other { .. }));
        let long = vec!["(a = 1)"; 5000].join(" OR ");
        assert!(matches!(one(&long), Expr::Other { .. }));
    }
}
