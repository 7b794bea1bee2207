//! Weighs a parsed document: how many fields, how deep, how many aliases.
//!
//! Fragments are unfolded on paper only: each is weighed once, however often it is spread. Weighing
//! a document is therefore linear, also where carrying it out would not be.
//!
//! **Invariant:** no walk over a weighed document goes deeper than [`Limits::nesting`], whatever
//! way its selections lie within one another.

use super::Limits;
use async_graphql::{
    Name, ServerError,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use std::collections::{BTreeSet, HashMap};

/// Lists within lists of the schema's own description multiply; this many are enough for tools.
const LISTS: usize = 3;

/// What a document asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weight {
    /// Fields within fields.
    pub depth: usize,
    /// Selections, fragments unfolded.
    pub fields: usize,
    /// Fields under another name.
    pub aliases: usize,
    /// The names of the root fields.
    pub roots: BTreeSet<String>,
    /// How many root fields there are.
    pub root_count: usize,
    /// Lists of the schema's description within one another.
    pub lists: usize,
    /// Selections within selections, of whatever kind: what a walk's stack pays for.
    levels: usize,
}

/// Why a document is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightError {
    /// Fragments that spread one another for ever.
    #[error("the fragment `{0}` contains itself")]
    Cycle(String),
    /// More than allowed of something.
    #[error("the request selects too much: {what} {found}, at most {most} are allowed")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much.
        found: usize,
        /// How much may be.
        most: usize,
    },
    /// The schema's description, asked for by nobody in particular.
    #[error(
        "the schema is described to signed-in callers only; its text is at /schema.graphql for all"
    )]
    Introspection,
}

impl WeightError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cycle(_) => "GRAPHQL_VALIDATION_FAILED",
            Self::TooMuch { .. } => "LIMIT_EXCEEDED",
            Self::Introspection => "UNAUTHENTICATED",
        }
    }
}

impl From<WeightError> for ServerError {
    fn from(error: WeightError) -> Self {
        super::guard::coded(error.to_string(), error.code())
    }
}

impl Weight {
    /// Does the document ask for the schema's own description?
    #[must_use]
    pub fn introspects(&self) -> bool {
        self.roots.iter().any(|name| name == "__schema" || name == "__type")
    }

    /// Nothing but the schema's own description.
    #[must_use]
    pub fn only_introspects(&self) -> bool {
        self.introspects() && self.roots.iter().all(|name| name.starts_with("__"))
    }

    /// Asks whether types of a name exist, and no more: what conformance suites do without
    /// credentials, and what the public text of the schema tells anyway.
    fn only_names_types(&self) -> bool {
        self.depth <= 2 && self.roots.iter().all(|name| name == "__type" || name == "__typename")
    }

    /// Compares with what is allowed.
    pub fn check(&self, limits: &Limits, signed_in: bool) -> Result<(), WeightError> {
        if self.introspects() && !signed_in && !self.only_names_types() {
            return Err(WeightError::Introspection);
        }
        let budget = if self.only_introspects() { limits.introspection } else { limits.ordinary };
        let bounds = [
            ("fields", self.fields, budget.fields),
            ("root fields", self.root_count, budget.roots),
            ("levels", self.depth, budget.depth),
            ("aliases", self.aliases, budget.aliases),
            ("nested lists of types", if self.introspects() { self.lists } else { 0 }, LISTS),
        ];
        match bounds.into_iter().find(|(_, found, most)| found > most) {
            Some((what, found, most)) => Err(WeightError::TooMuch { what, found, most }),
            None => Ok(()),
        }
    }
}

/// Weighs every operation of a document together: what is not chosen is validated all the same, and
/// so are fragments that nothing spreads.
///
/// Gives up at `most` fields, so that weighing stays cheap whatever is weighed, and at `deepest`
/// selections within one another.
pub fn weigh(
    document: &ExecutableDocument,
    most: usize,
    deepest: usize,
) -> Result<Weight, WeightError> {
    let (known, open) = (HashMap::new(), BTreeSet::new());
    let mut scale = Scale { document, most, deepest, known, open };
    let mut whole = Weight::default();
    for (_, operation) in document.operations.iter() {
        let one = scale.selections(&operation.node.selection_set.node, 0)?;
        whole.beside(&one);
    }
    for name in document.fragments.keys() {
        scale.fragment(name, 0)?;
    }
    Ok(whole)
}

impl Weight {
    /// Takes in what stands on the same level.
    fn beside(&mut self, other: &Self) {
        self.depth = self.depth.max(other.depth);
        self.fields = self.fields.saturating_add(other.fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.root_count = self.root_count.saturating_add(other.root_count);
        self.lists = self.lists.max(other.lists);
        self.levels = self.levels.max(other.levels);
        self.roots.extend(other.roots.iter().cloned());
    }
}

struct Scale<'d> {
    document: &'d ExecutableDocument,
    most: usize,
    deepest: usize,
    known: HashMap<&'d str, Weight>,
    open: BTreeSet<&'d str>,
}

impl<'d> Scale<'d> {
    /// `level` is how many selections stand around these. It is looked at on the way in: on the way
    /// out the stack would be used up already.
    fn selections(&mut self, set: &'d SelectionSet, level: usize) -> Result<Weight, WeightError> {
        self.reach(level)?;
        let mut sum = Weight::default();
        for selection in &set.items {
            let within = level + 1;
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node, within)?,
                Selection::InlineFragment(fragment) => {
                    self.selections(&fragment.node.selection_set.node, within)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, within)?
                }
            };
            sum.beside(&one);
            if sum.fields > self.most {
                let (found, most) = (sum.fields, self.most);
                return Err(WeightError::TooMuch { what: "fields", found, most });
            }
        }
        sum.levels += 1;
        Ok(sum)
    }

    fn reach(&self, level: usize) -> Result<(), WeightError> {
        let (found, most) = (level, self.deepest);
        if found > most {
            let what = "selections within one another";
            return Err(WeightError::TooMuch { what, found, most });
        }
        Ok(())
    }

    fn field(
        &mut self,
        field: &'d async_graphql::parser::types::Field,
        level: usize,
    ) -> Result<Weight, WeightError> {
        let inner = self.selections(&field.selection_set.node, level)?;
        let name = field.name.node.as_str();
        let list = matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
        Ok(Weight {
            depth: inner.depth + 1,
            fields: inner.fields.saturating_add(1),
            aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
            roots: BTreeSet::from([name.to_owned()]),
            root_count: 1,
            lists: inner.lists + usize::from(list),
            levels: inner.levels,
        })
    }

    /// A spread costs one itself, so that empty fragments cannot multiply for nothing.
    fn fragment(&mut self, name: &'d Name, level: usize) -> Result<Weight, WeightError> {
        let name = name.as_str();
        if let Some(known) = self.known.get(name) {
            self.reach(level + known.levels)?;
            return Ok(known.clone());
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Weight::default());
        };
        if !self.open.insert(name) {
            return Err(WeightError::Cycle(name.to_owned()));
        }
        let mut weight = self.selections(&fragment.node.selection_set.node, level)?;
        weight.fields = weight.fields.saturating_add(1);
        self.open.remove(name);
        self.known.insert(name, weight.clone());
        Ok(weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;

    fn weight(text: &str) -> Weight {
        weighed(text).unwrap()
    }

    fn weighed(text: &str) -> Result<Weight, WeightError> {
        weigh(&parse_query(text).unwrap(), 600, Limits::default().nesting)
    }

    /// Fragments, each of which holds the next one `within` fields.
    fn chain(fragments: usize, within: usize) -> String {
        let (open, close) = ("{a".repeat(within), "}".repeat(within));
        let one = |n| format!("fragment F{n} on Query{open}{{...F{}}}{close}", n + 1);
        let chain = (0..fragments).map(one).collect::<String>();
        format!("{{...F0}}{chain}fragment F{fragments} on Query{{a}}")
    }

    #[test]
    fn fragments_count_wherever_they_are_spread() {
        let text = "{ a { ...F } b { ...F } } fragment F on T { x y: z }";
        let weight = weight(text);
        assert_eq!((weight.fields, weight.depth, weight.aliases), (8, 2, 2));
        assert_eq!(weight.roots, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn a_billion_laughs_is_weighed_at_once_and_refused() {
        let doubled = (0..60).map(|n| (n, n + 1));
        let doubled = doubled.map(|(n, m)| format!("fragment F{n} on Q {{ ...F{m} ...F{m} }}"));
        let text = doubled.collect::<Vec<_>>().join(" ");
        let text = format!("{{ ...F0 }} fragment F60 on Q {{ a }} {text}");
        let refused = weighed(&text);
        assert!(matches!(refused, Err(WeightError::TooMuch { .. })));
    }

    /// On a thread with the stack of those that answer requests.
    fn refused_on_a_workers_stack(text: String) {
        assert!(crate::limits::measure(&text, 15_000, 64).is_ok() && text.len() < 64 * 1024);
        let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        let refused = worker.spawn(move || weighed(&text)).unwrap().join().unwrap();
        assert!(matches!(refused, Err(WeightError::TooMuch { .. })), "{refused:?}");
    }

    #[test]
    fn fragments_that_go_on_within_one_another_do_not_use_the_stack_up() {
        refused_on_a_workers_stack(chain(78, 60));
    }

    #[test]
    fn fragments_that_nothing_spreads_are_bounded_as_well() {
        refused_on_a_workers_stack(chain(1_400, 0).replace("{...F0}", "{a}"));
    }

    #[test]
    fn a_fragment_counts_with_what_it_holds_also_where_it_is_known_already() {
        let (open, close) = ("a{".repeat(40), "}".repeat(40));
        let known = format!("{{...F {open}...F{close}}} fragment F on Query{{{open}b{close}}}");
        refused_on_a_workers_stack(known);
    }

    #[test]
    fn fragments_that_contain_themselves_are_refused() {
        let text = "{ ...A } fragment A on Q { ...B } fragment B on Q { ...A }";
        let refused = weighed(text);
        assert!(matches!(refused, Err(WeightError::Cycle(_))));
    }

    #[test]
    fn the_description_of_the_schema_is_not_multiplied() {
        let text = "{ __schema { types { fields { type { fields { type { fields { type { \
                    fields { name } } } } } } } } } }";
        let refused = weight(text).check(&Limits::default(), true);
        assert!(matches!(refused, Err(WeightError::TooMuch { .. })));
    }

    #[test]
    fn nobody_in_particular_may_ask_for_a_types_name_and_for_nothing_behind_it() {
        let may = |text| weight(text).check(&Limits::default(), false).is_ok();
        assert!(may("{ __type(name: \"Post\") { name kind } __typename }"));
        assert!(!may("{ __type(name: \"Post\") { fields { name } } }"));
        assert!(!may("{ __schema { queryType { name } } }"));
    }

    #[test]
    fn one_hundred_and_one_names_for_one_field_are_refused() {
        let text = (0..=100).map(|n| format!("a{n}: __typename")).collect::<Vec<_>>().join(" ");
        let refused = weight(&format!("{{ {text} }}")).check(&Limits::default(), true);
        assert!(matches!(refused, Err(WeightError::TooMuch { .. })));
    }
}
