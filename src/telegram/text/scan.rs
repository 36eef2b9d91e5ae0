//! Finds the sentences that the sources use, and with which placeholders. It follows `Text::new`,
//! `.with` and `.quoting` through variables, branches and functions that take a key.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{Block, Expr, FnArg, ImplItem, Item, Lit, Pat, Stmt, punctuated::Punctuated};

/// One use of a sentence.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) key: String,
    pub(super) args: BTreeSet<String>,
}

/// What an expression may be, as far as it matters.
#[derive(Debug, Clone, Default)]
struct Value {
    /// Indexes of uses.
    texts: Vec<usize>,
    strings: Vec<String>,
    /// The n-th parameter of a function.
    parameter: Option<(String, usize)>,
}

impl Value {
    fn or(mut self, other: Self) -> Self {
        self.texts.extend(other.texts);
        self.strings.extend(other.strings);
        self.parameter = self.parameter.or(other.parameter);
        self
    }
}

type Env = BTreeMap<String, Value>;

#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Functions that make a text of the key in their n-th argument.
    makers: BTreeMap<String, usize>,
    pub(super) uses: Vec<Use>,
}

/// All uses in these folders and files, tests left out.
pub(super) fn uses(roots: &[&Path]) -> Vec<Use> {
    let mut files = Vec::new();
    for root in roots {
        collect(root, &mut files);
    }
    let mut scan = Scan::default();
    loop {
        let known = scan.makers.len();
        scan.uses.clear();
        files.iter().for_each(|file| scan.items(&file.items));
        if scan.makers.len() == known {
            return scan.uses;
        }
    }
}

fn collect(path: &Path, files: &mut Vec<syn::File>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
        files.push(syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap());
    }
}

impl Scan {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Mod(module) if module.ident != "tests" => {
                    self.items(module.content.as_ref().map_or(&[], |(_, items)| items));
                }
                Item::Fn(function) => self.function(&function.sig, &function.block),
                Item::Const(item) => drop(self.eval(&item.expr, &mut Env::new())),
                Item::Impl(item) => {
                    for part in &item.items {
                        match part {
                            ImplItem::Fn(method) => self.function(&method.sig, &method.block),
                            ImplItem::Const(item) => drop(self.eval(&item.expr, &mut Env::new())),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn function(&mut self, signature: &syn::Signature, body: &Block) {
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.pat),
            FnArg::Receiver(_) => None,
        });
        let mut env = parameters_env(&signature.ident.to_string(), parameters);
        self.block(body, &mut env);
    }

    fn block(&mut self, block: &Block, outer: &mut Env) -> Value {
        let mut env = outer.clone();
        let mut value = Value::default();
        for statement in &block.stmts {
            value = match statement {
                Stmt::Local(local) => {
                    if let Some(init) = &local.init {
                        self.bind(&local.pat, &init.expr, &mut env);
                        if let Some((_, other)) = &init.diverge {
                            self.eval(other, &mut env);
                        }
                    }
                    Value::default()
                }
                Stmt::Expr(expr, end) => {
                    let value = self.eval(expr, &mut env);
                    if end.is_none() { value } else { Value::default() }
                }
                Stmt::Macro(statement) => self.inside(&statement.mac, &mut env),
                Stmt::Item(item) => {
                    self.items(std::slice::from_ref(item));
                    Value::default()
                }
            };
        }
        value
    }

    fn bind(&mut self, pattern: &Pat, expr: &Expr, env: &mut Env) {
        let name = name_of(pattern);
        let value = match (expr, &name) {
            (Expr::Closure(closure), Some(name)) => {
                let mut inner = env.clone();
                inner.extend(parameters_env(name, closure.inputs.iter()));
                self.eval(&closure.body, &mut inner)
            }
            _ => self.eval(expr, env),
        };
        if let Some(name) = name {
            env.insert(name, value);
        }
    }

    /// A text of each key that the value may be.
    fn make(&mut self, key: Value) -> Value {
        if let Some((function, at)) = key.parameter {
            self.makers.insert(function, at);
        }
        let mut texts = Vec::new();
        for key in key.strings {
            texts.push(self.uses.len());
            self.uses.push(Use { key, args: BTreeSet::new() });
        }
        Value { texts, ..Value::default() }
    }

    fn call(&mut self, call: &syn::ExprCall, env: &mut Env) -> Value {
        let args: Vec<Value> = call.args.iter().map(|arg| self.eval(arg, env)).collect();
        let Expr::Path(callee) = &*call.func else { return Value::default() };
        let names: Vec<String> = callee.path.segments.iter().map(|s| s.ident.to_string()).collect();
        let name = names.last().cloned().unwrap_or_default();
        if names.ends_with(&["Text".to_owned(), "new".to_owned()]) {
            return self.make(args.into_iter().next().unwrap_or_default());
        }
        if let Some(at) = self.makers.get(&name).copied() {
            let mut args = args;
            let key = if at < args.len() { args.swap_remove(at) } else { Value::default() };
            return self.make(key);
        }
        args.into_iter().fold(Value::default(), Value::or)
    }

    fn method(&mut self, call: &syn::ExprMethodCall, env: &mut Env) -> Value {
        let receiver = self.eval(&call.receiver, env);
        let mut args: Vec<Value> = call.args.iter().map(|arg| self.eval(arg, env)).collect();
        if call.method == "with" || call.method == "quoting" {
            for at in &receiver.texts {
                self.uses[*at].args.extend(args[0].strings.iter().cloned());
            }
            return receiver;
        }
        if let Some(at) = self.makers.get(&call.method.to_string()).copied() {
            let key = if at < args.len() { args.swap_remove(at) } else { Value::default() };
            return self.make(key);
        }
        args.into_iter().fold(receiver, Value::or)
    }

    /// The expressions in a macro's parentheses, where there are any.
    fn inside(&mut self, mac: &syn::Macro, env: &mut Env) -> Value {
        let parser = Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        let parsed = mac.parse_body_with(parser).unwrap_or_default();
        parsed.iter().fold(Value::default(), |value, expr| value.or(self.eval(expr, env)))
    }

    fn all<'a>(&mut self, parts: impl IntoIterator<Item = &'a Expr>, env: &mut Env) -> Value {
        parts.into_iter().fold(Value::default(), |value, part| value.or(self.eval(part, env)))
    }

    fn eval(&mut self, expr: &Expr, env: &mut Env) -> Value {
        match expr {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Value { strings: vec![text.value()], ..Value::default() },
                _ => Value::default(),
            },
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string);
                name.and_then(|name| env.get(&name).cloned()).unwrap_or_default()
            }
            Expr::Call(call) => self.call(call, env),
            Expr::MethodCall(call) => self.method(call, env),
            Expr::Macro(mac) => self.inside(&mac.mac, env),
            Expr::If(branch) => {
                self.eval(&branch.cond, env);
                let then = self.block(&branch.then_branch, env);
                let other = branch.else_branch.as_ref();
                other.map_or_else(Value::default, |(_, expr)| self.eval(expr, env)).or(then)
            }
            Expr::Match(choice) => {
                self.eval(&choice.expr, env);
                self.all(choice.arms.iter().map(|arm| &*arm.body), env)
            }
            Expr::Block(block) => self.block(&block.block, env),
            Expr::Async(block) => self.block(&block.block, env),
            Expr::Loop(block) => self.block(&block.body, env),
            Expr::While(block) => {
                self.eval(&block.cond, env);
                self.block(&block.body, env)
            }
            Expr::ForLoop(block) => {
                self.eval(&block.expr, env);
                self.block(&block.body, env)
            }
            Expr::Closure(closure) => self.eval(&closure.body, env),
            Expr::Array(parts) => self.all(&parts.elems, env),
            Expr::Tuple(parts) => self.all(&parts.elems, env),
            Expr::Struct(parts) => {
                let fields = parts.fields.iter().map(|field| &field.expr);
                self.all(fields.chain(parts.rest.as_deref()), env);
                Value::default()
            }
            Expr::Binary(parts) => {
                self.all([&*parts.left, &*parts.right], env);
                Value::default()
            }
            Expr::Assign(parts) => self.eval(&parts.right, env),
            Expr::Let(part) => self.eval(&part.expr, env),
            Expr::Paren(part) => self.eval(&part.expr, env),
            Expr::Reference(part) => self.eval(&part.expr, env),
            Expr::Try(part) => self.eval(&part.expr, env),
            Expr::Await(part) => self.eval(&part.base, env),
            Expr::Return(part) => {
                part.expr.as_ref().map_or_else(Value::default, |e| self.eval(e, env))
            }
            _ => Value::default(),
        }
    }
}

fn parameters_env<'a>(function: &str, patterns: impl Iterator<Item = &'a Pat>) -> Env {
    let named = patterns.enumerate().filter_map(|(at, pattern)| {
        let parameter = Some((function.to_owned(), at));
        Some((name_of(pattern)?, Value { parameter, ..Value::default() }))
    });
    named.collect()
}

fn name_of(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => name_of(&typed.pat),
        _ => None,
    }
}
