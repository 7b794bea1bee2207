//! A post as X prints it, in the vocabulary of the day.

use serde_json::{Map, Value, json};

use super::query::Query;
use super::tweets::handle;
use super::users;
use crate::clock::{self, Millis};
use crate::state::Memory;
use crate::world::{Link, Media, Person, Post, Vocabulary};

/// Younger posts are left out, because a fault says that listings lag.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lag(pub(crate) Millis);

impl Lag {
    pub(crate) fn hides(self, post: &Post, now: Millis) -> bool {
        self.0 > 0 && now.saturating_sub(post.at) < self.0
    }
}

/// The members that were asked for, and the three that always come.
pub(crate) fn post(memory: &Memory, post: &Post, query: &Query) -> Value {
    let words = memory.vocabulary;
    let id = post.id.to_string();
    let mut shown = Map::new();
    shown.insert(word(words, "edit_history_post_ids", "edit_history_tweet_ids"), json!([id]));
    shown.insert("id".to_owned(), json!(id));
    shown.insert("text".to_owned(), json!(post.shown));
    if query.wants(&["author_id"]) {
        shown.insert("author_id".to_owned(), json!(post.author));
    }
    if query.wants(&["created_at"]) {
        let second = post.at.div_euclid(1000).saturating_mul(1000);
        shown.insert("created_at".to_owned(), json!(clock::print(second)));
    }
    if query.wants(&["conversation_id"]) {
        shown.insert("conversation_id".to_owned(), json!(post.conversation.to_string()));
    }
    if query.wants(&["public_metrics"]) {
        shown.insert("public_metrics".to_owned(), metrics(memory, post));
    }
    if query.wants(&["lang"]) {
        shown.insert("lang".to_owned(), json!("en"));
    }
    if query.wants(&["reply_settings"]) {
        shown.insert("reply_settings".to_owned(), json!("everyone"));
    }
    if query.wants(&["possibly_sensitive"]) {
        shown.insert("possibly_sensitive".to_owned(), json!(false));
    }
    references(memory, post, query, &mut shown);
    if !post.media.is_empty() && query.wants(&["attachments", "attachments.media_keys"]) {
        let keys: Vec<String> = media(memory, post).map(Media::key).collect();
        shown.insert("attachments".to_owned(), json!({ "media_keys": keys }));
    }
    if !post.links.is_empty() && query.wants(&["entities"]) {
        let urls: Vec<Value> = post.links.iter().map(link).collect();
        shown.insert("entities".to_owned(), json!({ "urls": urls }));
    }
    Value::Object(shown)
}

fn word(words: Vocabulary, new: &str, old: &str) -> String {
    match words {
        Vocabulary::Post => new.to_owned(),
        Vocabulary::Tweet => old.to_owned(),
    }
}

fn references(memory: &Memory, post: &Post, query: &Query, shown: &mut Map<String, Value>) {
    let parent = post.reply_to.and_then(|id| memory.world.posts.get(&id));
    if let Some(parent) = parent
        && query.wants(&["in_reply_to_user_id"])
    {
        shown.insert("in_reply_to_user_id".to_owned(), json!(parent.author));
    }
    let mut all = Vec::new();
    if let Some(id) = post.reply_to {
        all.push(json!({ "type": "replied_to", "id": id.to_string() }));
    }
    if let Some(id) = post.quotes {
        all.push(json!({ "type": "quoted", "id": id.to_string() }));
    }
    if !all.is_empty() && wants_references(query) {
        let name = word(memory.vocabulary, "referenced_posts", "referenced_tweets");
        shown.insert(name, json!(all));
    }
}

fn wants_references(query: &Query) -> bool {
    query.wants(&["referenced_posts", "referenced_tweets", "referenced_tweets.id"])
}

fn link(link: &Link) -> Value {
    let mut shown = json!({
        "start": link.start,
        "end": link.end,
        "url": link.short,
        "expanded_url": link.expanded,
        "display_url": link.display,
    });
    if let (Some(key), Some(members)) = (&link.media_key, shown.as_object_mut()) {
        members.insert("media_key".to_owned(), json!(key));
    }
    shown
}

/// Replies are counted; the rest grows with age, so that a chart has something to show.
fn metrics(memory: &Memory, post: &Post) -> Value {
    let age = u64::try_from(memory.now().saturating_sub(post.at)).unwrap_or_default();
    let minutes = (age / 60_000).min(10_000);
    let seen = 40_u64.saturating_add((post.id >> 8) % 60).saturating_add(minutes.saturating_mul(3));
    let replies = memory.world.replies.get(&post.id).map_or(0, Vec::len);
    let reposts = word(memory.vocabulary, "repost_count", "retweet_count");
    json!({
        reposts: seen / 120,
        "reply_count": replies,
        "like_count": seen / 25,
        "quote_count": seen / 400,
        "bookmark_count": seen / 200,
        "impression_count": seen,
    })
}

fn media<'m>(memory: &'m Memory, post: &'m Post) -> impl Iterator<Item = &'m Media> {
    post.media.iter().filter_map(|id| memory.world.media.get(id))
}

/// What `expansions` ask for beside the posts themselves.
pub(crate) fn includes(memory: &Memory, posts: &[&Post], query: &Query) -> Option<Value> {
    let mut shown = Map::new();
    if query.expansions.iter().any(|name| name == "attachments.media_keys") {
        let all: Vec<Value> = posts
            .iter()
            .flat_map(|post| media(memory, post))
            .map(|media| attachment(memory, media, query))
            .collect();
        insert_unless_empty(&mut shown, "media", all);
    }
    if query.expansions.iter().any(|name| name == "author_id") {
        let mut authors: Vec<&str> = posts.iter().map(|post| post.author.as_str()).collect();
        authors.sort_unstable();
        authors.dedup();
        let all = authors
            .into_iter()
            .filter_map(Person::by_id)
            .map(|person| users::user(memory, person, &query.user_fields))
            .collect();
        insert_unless_empty(&mut shown, "users", all);
    }
    if query.expansions.iter().any(|name| name.starts_with("referenced_")) {
        let all = posts
            .iter()
            .flat_map(|post| [post.reply_to, post.quotes])
            .filter_map(|id| memory.world.posts.get(&id?))
            .map(|referenced| self::post(memory, referenced, query))
            .collect();
        insert_unless_empty(&mut shown, &word(memory.vocabulary, "posts", "tweets"), all);
    }
    (!shown.is_empty()).then_some(Value::Object(shown))
}

fn insert_unless_empty(shown: &mut Map<String, Value>, name: &str, all: Vec<Value>) {
    if !all.is_empty() {
        shown.insert(name.to_owned(), Value::Array(all));
    }
}

fn attachment(memory: &Memory, media: &Media, query: &Query) -> Value {
    let kind = match media.category.as_str() {
        "tweet_video" | "amplify_video" => "video",
        "tweet_gif" => "animated_gif",
        _ => "photo",
    };
    let mut shown = Map::new();
    shown.insert("media_key".to_owned(), json!(media.key()));
    shown.insert("type".to_owned(), json!(kind));
    for field in &query.media_fields {
        let value = match field.as_str() {
            "alt_text" => json!(media.alt_text),
            "width" => json!(media.width),
            "height" => json!(media.height),
            "url" => json!(format!("{}/x/media/{}", memory.public_url, media.id)),
            _ => continue,
        };
        if !value.is_null() {
            shown.insert(field.clone(), value);
        }
    }
    Value::Object(shown)
}

/// Where a person sees the post.
pub(crate) fn address(public_url: &str, post: &Post) -> String {
    format!("{public_url}/x/{}/status/{}", handle(&post.author), post.id)
}
