//! Paths in token streams: bodies of macros, arguments of macros, attributes.

use proc_macro2::{Delimiter, Punct, TokenStream, TokenTree};
use syn::{UseTree, ext::IdentExt};

use super::tree::imported;

/// A path in a token stream.
#[derive(Debug, PartialEq)]
pub(super) struct TokenPath {
    /// The segments. `$crate` becomes `crate`; a path from `::` begins with an empty segment.
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// Whether it is called as a function or macro.
    pub(super) called: bool,
}

/// All paths in these tokens, those in strings after `key =` included.
pub(super) fn paths(tokens: TokenStream) -> Vec<TokenPath> {
    let mut all = Vec::new();
    scan(tokens, &mut all);
    all
}

fn scan(tokens: TokenStream, all: &mut Vec<TokenPath>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => scan(group.stream(), all),
            TokenTree::Ident(ident) if !is_field_or_lifetime(&tokens, at) => {
                let metavariable = is(&tokens, at.wrapping_sub(1), '$');
                let mut path = Vec::new();
                if is_separator(&tokens, at.wrapping_sub(2)) && !metavariable {
                    path.push(String::new());
                }
                path.push(ident.unraw().to_string());
                let line = ident.span().start().line;
                at = follow(&tokens, at + 1, &mut path, line, all);
                let called = is(&tokens, at, '!') && !is(&tokens, at + 1, '=')
                    || is_group(tokens.get(at), Delimiter::Parenthesis);
                if !metavariable || path[0] == "crate" {
                    all.push(TokenPath { path, line, called });
                }
                continue;
            }
            TokenTree::Literal(literal) if is(&tokens, at.wrapping_sub(1), '=') => {
                let line = literal.span().start().line;
                in_string(&literal.to_string(), line, all);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Adds the segments after the first one to the path. A list of imports adds further paths.
fn follow(tokens: &[TokenTree], mut at: usize, path: &mut Vec<String>, line: usize, all: &mut Vec<TokenPath>) -> usize {
    while is_separator(tokens, at) {
        match tokens.get(at + 2) {
            Some(TokenTree::Ident(next)) => path.push(next.unraw().to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                if let Ok(tree) = syn::parse2::<UseTree>(TokenTree::Group(group.clone()).into()) {
                    for inner in imported(false, &tree) {
                        let path = path.iter().cloned().chain(inner.path).collect();
                        all.push(TokenPath { path, line: inner.line.max(line), called: false });
                    }
                }
                return at + 3;
            }
            // A path that continues with an argument of a macro cannot be resolved, and is reported.
            Some(TokenTree::Punct(punct)) if is_variable(punct, tokens, at + 2) && path[0] == "crate" => {
                path.push("$".to_owned());
                return at + 3;
            }
            _ => return at + 2,
        }
        at += 3;
    }
    at
}

/// A path in a string, as in attributes of serde.
fn in_string(literal: &str, line: usize, all: &mut Vec<TokenPath>) {
    let Ok(text) = syn::parse_str::<syn::LitStr>(literal) else { return };
    let Ok(tokens) = text.value().parse::<TokenStream>() else { return };
    if text.value().contains("::") && syn::parse2::<syn::Type>(tokens.clone()).is_ok() {
        let mut inner = Vec::new();
        scan(tokens, &mut inner);
        all.extend(inner.into_iter().map(|written| TokenPath { line, ..written }));
    }
}

/// Whether a token is a field as in `value.field`, but not in `0..END`, or a lifetime.
fn is_field_or_lifetime(tokens: &[TokenTree], at: usize) -> bool {
    let before = at.wrapping_sub(1);
    is(tokens, before, '\'') || is(tokens, before, '.') && !is(tokens, at.wrapping_sub(2), '.')
}

/// Whether the tokens are `$name` or `$(..)`.
fn is_variable(punct: &Punct, tokens: &[TokenTree], at: usize) -> bool {
    punct.as_char() == '$' && matches!(tokens.get(at + 1), Some(TokenTree::Ident(_) | TokenTree::Group(_)))
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    is(tokens, at, ':') && is(tokens, at.wrapping_add(1), ':')
}

fn is(tokens: &[TokenTree], at: usize, wanted: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}
