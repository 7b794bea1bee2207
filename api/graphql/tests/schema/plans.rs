//! Content plans, as clients see them when nobody can write.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_plan_that_nobody_can_write_waits_for_a_person_and_says_why() {
    let world = World::new().await;
    let ada = world.owner("Ada").await;
    let connection = world.connect(&ada).await;
    let wish = json!({
        "brief": { "goal": "Sell bread", "topics": ["rye"], "do": ["be kind"] },
        "from": "2099-03-02", "to": "2099-03-15", "zone": "Europe/Berlin",
        "connections": [connection], "postsPerWeek": 2,
    });
    let select =
        "contentPlan { id status version from to brief { goal do } connections { handle } }";
    let made = world.send(&ada, "createContentPlan", wish.clone(), select).await;
    let plan = &made["contentPlan"];
    assert_eq!(plan["status"], "DRAFT", "{made}");
    assert_eq!(plan["connections"], json!([{ "handle": "bakery" }]));

    let mut wrong = wish.clone();
    wrong["postsPerWeek"] = json!(0);
    let refused = world.send(&ada, "createContentPlan", wrong, select).await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["postsPerWeek"]));
    let mut wrong = wish;
    wrong["to"] = json!("2099-02-30");
    let refused = world.send(&ada, "createContentPlan", wrong, select).await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["to"]));

    let select = "contentPlan { status }";
    let id = json!({ "plan": plan["id"] });
    let begun = world.send(&ada, "generateContentPlan", id.clone(), select).await;
    assert_eq!(begun["contentPlan"]["status"], "GENERATING", "{begun}");
    world.settle().await;
    let query = "query($id: ID!) { contentPlan(id: $id) { status runs { status failure profiles {
        purpose temperature } } items { id } } attention(first: 9) { totalCount nodes { kind
        nextAction } } }";
    let seen = world.ask(&ada, query, json!({ "id": plan["id"] })).await;
    let plan = &seen["data"]["contentPlan"];
    assert_eq!(plan["status"], "GENERATION_FAILED", "{seen}");
    assert_eq!(plan["runs"][0]["failure"], "provider");
    assert_eq!(plan["runs"][0]["profiles"][0]["temperature"], "0.70");
    let expected = json!([{ "kind": "generation_failed", "nextAction": "generateContentPlan" }]);
    assert_eq!(seen["data"]["attention"]["nodes"], expected);

    let refused = world.send(&ada, "materializeContentPlan", id, select).await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID_STATE");
}
