//! What holds for every operation, whichever there are: the schema itself is the list.

use super::{bare, sdl};
use async_graphql::{
    Request,
    parser::{
        parse_schema,
        types::{
            BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind,
            TypeSystemDefinition,
        },
    },
};
use futures::StreamExt as _;
use herald_account::Action;
use herald_application::caller::Person;
use herald_door::Visitor;
use std::collections::HashMap;

/// The schema as a client reads it.
struct Contract(HashMap<String, TypeDefinition>);

impl Contract {
    fn read() -> Self {
        let document = parse_schema(sdl()).expect("the schema parses");
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(kind) => Some((kind.node.name.node.to_string(), kind.node)),
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        });
        Self(types.collect())
    }

    fn roots(&self, root: &str) -> Vec<&FieldDefinition> {
        let TypeKind::Object(object) = &self.0[root].kind else { panic!("{root} is no object") };
        object.fields.iter().map(|field| &field.node).collect()
    }

    /// A request of one root with the least that it takes.
    fn request(&self, kind: &str, field: &FieldDefinition) -> String {
        let required = |argument: &&InputValueDefinition| !argument.ty.node.nullable;
        let arguments = field.arguments.iter().map(|argument| &argument.node).filter(required);
        let arguments: Vec<_> = arguments
            .map(|argument| format!("{}: {}", argument.name.node, self.literal(&argument.ty.node)))
            .collect();
        let arguments = arguments.join(", ");
        let arguments = Some(format!("({arguments})")).filter(|_| !arguments.is_empty());
        let arguments = arguments.unwrap_or_default();
        let leaf = innermost(&field.ty.node) == "String";
        let selection = if leaf { "" } else { " { __typename }" };
        format!("{kind} {{ {}{arguments}{selection} }}", field.name.node)
    }

    fn literal(&self, ty: &Type) -> String {
        let name = match &ty.base {
            BaseType::List(inner) => return format!("[{}]", self.literal(inner)),
            BaseType::Named(name) => name.as_str(),
        };
        match name {
            "Int" => return "1".to_owned(),
            "String" | "ID" => return "\"x\"".to_owned(),
            "Boolean" => return "true".to_owned(),
            _ => {}
        }
        match &self.0[name].kind {
            TypeKind::Scalar => "\"x\"".to_owned(),
            TypeKind::Enum(words) => words.values[0].node.value.node.to_string(),
            TypeKind::InputObject(input) => {
                let fields = input.fields.iter().map(|field| &field.node);
                let fields = fields.filter(|field| !field.ty.node.nullable);
                let fields: Vec<_> = fields
                    .map(|field| format!("{}: {}", field.name.node, self.literal(&field.ty.node)))
                    .collect();
                format!("{{ {} }}", fields.join(", "))
            }
            TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_) => {
                panic!("{name} is no input")
            }
        }
    }
}

async fn code(request: &str, visitor: Option<Visitor>) -> String {
    let mut request = Request::new(request);
    if let Some(visitor) = visitor {
        request = request.data(visitor);
    }
    let schema = bare().finish();
    let answer = schema.execute_stream(request).next().await.expect("an answer");
    let error = answer.errors.first().unwrap_or_else(|| panic!("no error: {answer:?}"));
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.map_or_else(|| error.message.clone(), ToString::to_string)
}

fn innermost(ty: &Type) -> &str {
    match &ty.base {
        BaseType::List(inner) => innermost(inner),
        BaseType::Named(name) => name.as_str(),
    }
}

#[tokio::test]
async fn nobody_in_particular_is_refused_by_every_operation() {
    let contract = Contract::read();
    let mut asked = 0;
    for (root, kind) in
        [("Query", "query"), ("Mutation", "mutation"), ("Subscription", "subscription")]
    {
        for field in contract.roots(root) {
            let request = contract.request(kind, field);
            for visitor in [None, Some(Visitor::default())] {
                assert_eq!(code(&request, visitor).await, "\"UNAUTHENTICATED\"", "{request}");
            }
            asked += 1;
        }
    }
    assert!(asked > 45, "only {asked} operations were asked");
}

#[test]
fn every_mutation_is_bound_to_a_role_or_known_to_need_none() {
    const ROLE_FREE: [&str; 2] = ["openAccount", "acceptInvite"];
    let role_free: Vec<_> = ROLE_FREE.iter().chain(&OPERATORS).copied().collect();
    let contract = Contract::read();
    let mut names: Vec<_> =
        contract.roots("Mutation").iter().map(|field| field.name.node.to_string()).collect();
    for name in &names {
        let bound = Action::named(name).is_some();
        assert!(bound != role_free.contains(&name.as_str()), "{name}");
    }
    let mut promised: Vec<_> = PROMISED.split_whitespace().map(ToOwned::to_owned).collect();
    names.sort();
    promised.sort();
    assert_eq!(names, promised);
}

#[test]
fn every_mutation_takes_one_input_with_a_key_and_answers_user_errors() {
    let contract = Contract::read();
    for field in contract.roots("Mutation") {
        let name = &field.name.node;
        let [argument] = field.arguments.as_slice() else { panic!("{name}") };
        let input = argument.node.ty.node.to_string();
        assert_eq!(argument.node.name.node, "input", "{name}");
        let TypeKind::InputObject(input) = &contract.0[input.trim_end_matches('!')].kind else {
            panic!("{name}")
        };
        let has = |wanted: &str, ty: &str| {
            input
                .fields
                .iter()
                .any(|it| it.node.name.node == wanted && it.node.ty.node.to_string() == ty)
        };
        assert!(has("idempotencyKey", "ID!") && has("expectedVersion", "Int"), "{name}");
        let payload = field.ty.node.to_string();
        let TypeKind::Object(payload) = &contract.0[payload.trim_end_matches('!')].kind else {
            panic!("{name}")
        };
        for wanted in ["token", "commandId", "replayed", "userErrors"] {
            assert!(payload.fields.iter().any(|it| it.node.name.node == wanted), "{name} {wanted}");
        }
    }
}

#[tokio::test]
async fn whoever_is_no_operator_is_refused_what_operators_do() {
    let contract = Contract::read();
    let mut asked = 0;
    for (root, kind) in [("Query", "query"), ("Mutation", "mutation")] {
        for field in contract.roots(root) {
            let reads = ["revenue", "inbox"];
            if !OPERATORS.iter().chain(&reads).any(|name| field.name.node == *name) {
                continue;
            }
            let person = Some(Person::of("https://id.example", "ada"));
            let visitor = Visitor { person, ..Visitor::default() };
            let request = contract.request(kind, field);
            assert_eq!(code(&request, Some(visitor)).await, "\"FORBIDDEN\"", "{request}");
            asked += 1;
        }
    }
    assert_eq!(asked, OPERATORS.len() + 2);
}

/// The mutations of operators, which no role in an account allows.
const OPERATORS: [&str; 7] = [
    "replayWebhooks",
    "extendGrace",
    "overrideEntitlement",
    "liftOverride",
    "refundPayment",
    "finalizeInvoice",
    "voidInvoice",
];

/// The contract's mutations, copied by hand.
const PROMISED: &str = "openAccount updateBusinessProfile changeTimeZone changePolicy \
    inviteMember acceptInvite changeRole removeMember beginConnection completeConnection \
    reconnect pauseConnection disconnect \
    uploadMedia createPost editPost submitPost approvePost requestChanges rejectPost schedulePost \
    reschedulePost unschedulePost publishPost cancelPost retryTarget reconcileTarget resolveTarget \
    createContentPlan generateContentPlan editPlanItem acceptPlanItem rejectPlanItem \
    submitContentPlan requestPlanChanges approveContentPlan materializeContentPlan startCheckout \
    buyCredits openPortal changePlan withdrawPlanChange chooseKeepers cancelSubscription \
    resumeSubscription syncSubscription issueApiKey rotateApiKey changeApiKeyScopes renameApiKey \
    disableApiKey enableApiKey revokeApiKey reportApiKeyLeak linkIdentity unlinkIdentity \
    endSessions sendInvoice detachPaymentMethod replayWebhooks extendGrace overrideEntitlement \
    liftOverride refundPayment finalizeInvoice voidInvoice";
