//! What X publishes about its requests, as far as we use it, in our own words.

use crate::fake::Asked;
use serde_json::{Value, json};

/// Fails unless the body follows the published rules for `operation`.
pub(crate) fn follows_the_rules(operation: &str, asked: &Asked) {
    let rules = rules();
    let schema = rules.get(operation).expect("a rule for this operation");
    let body = asked.json();
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(&body).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{operation}: {errors:?} in {body}");
}

/// Fails unless each listed field is one that X knows under that name.
pub(crate) fn asks_for_known_fields(asked: &Asked) {
    let known = [
        ("post.fields", "attachments created_at entities note_post public_metrics text"),
        (
            "tweet.fields",
            "attachments created_at entities note_tweet public_metrics referenced_tweets text",
        ),
        ("expansions", "referenced_posts referenced_tweets.id attachments.media_keys"),
        ("user.fields", "name subscription_type username verified_type"),
    ];
    for (name, value) in asked.query() {
        let Some((_, fields)) = known.iter().find(|(known, _)| **known == *name) else { continue };
        for field in value.split(',') {
            assert!(fields.split(' ').any(|known| known == field), "{field} in {name}");
        }
    }
}

fn rules() -> Value {
    let id = json!({ "type": "string", "pattern": "^[0-9]{1,19}$" });
    json!({
        "create_post": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "text": { "type": "string" },
                "made_with_ai": { "type": "boolean" },
                "reply": {
                    "type": "object", "additionalProperties": false,
                    "required": ["in_reply_to_tweet_id"],
                    "properties": { "in_reply_to_tweet_id": id }
                },
                "media": {
                    "type": "object", "additionalProperties": false, "required": ["media_ids"],
                    "properties": {
                        "media_ids": { "type": "array", "minItems": 1, "maxItems": 4, "items": id }
                    }
                }
            }
        },
        "initialize_media": {
            "type": "object", "additionalProperties": false,
            "properties": {
                "media_type": { "enum": ["image/jpeg", "image/gif", "image/png", "image/webp"] },
                "total_bytes": { "type": "integer", "minimum": 0 },
                "media_category": { "enum": ["tweet_gif", "tweet_image", "tweet_video"] }
            }
        },
        "describe_media": {
            "type": "object", "required": ["id"],
            "properties": {
                "id": id,
                "metadata": { "type": "object", "properties": {
                    "alt_text": {
                        "type": "object", "required": ["text"],
                        "properties": { "text": { "type": "string", "maxLength": 1000 } }
                    }
                }}
            }
        }
    })
}
