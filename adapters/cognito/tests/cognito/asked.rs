//! What AWS publishes about its operations (service model of 2016-04-18), as far as we use it.

use crate::fake::Asked;
use serde_json::Value;

/// The operation that was asked for; fails unless the body has what it must and nothing else.
pub(crate) fn operation(asked: &Asked) -> String {
    let rules: Value = serde_json::from_str(include_str!("operations.json")).expect("JSON");
    let target = asked.header("x-amz-target");
    let name = target.strip_prefix("AWSCognitoIdentityProviderService.").expect("a target");
    let rule = rules.get(name).expect("an operation that AWS knows");
    let body = asked.json();
    let body = body.as_object().expect("an object");
    let listed = |list: &str| -> Vec<String> {
        let names = rule[list].as_array().expect("a list").iter();
        names.map(|name| name.as_str().expect("text").to_owned()).collect()
    };
    let members = listed("members");
    for required in listed("required") {
        assert!(body.contains_key(&required), "{name} needs {required}");
    }
    for member in body.keys() {
        assert!(members.contains(member), "{name} knows no {member}");
    }
    assert_eq!(asked.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(asked.line(), "POST /");
    name.to_owned()
}
