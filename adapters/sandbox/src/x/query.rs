//! The query of a lookup: which fields in which of X's two vocabularies, and which page.

use url::form_urlencoded;

use super::users::USER_FIELDS;
use super::wire::Problem;

/// A lookup's query, checked against the published enumerations.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) post_fields: Vec<String>,
    pub(crate) user_fields: Vec<String>,
    pub(crate) media_fields: Vec<String>,
    pub(crate) expansions: Vec<String>,
    rest: Vec<(String, String)>,
}

const POST_FIELDS: [&str; 31] = [
    "article",
    "article_title",
    "attachments",
    "card_uri",
    "community_id",
    "context_annotations",
    "conversation_id",
    "created_at",
    "display_text_range",
    "edit_controls",
    "entities",
    "geo",
    "id",
    "lang",
    "matched_media_notes",
    "media_metadata",
    "non_public_metrics",
    "note_post",
    "note_request_suggestions",
    "organic_metrics",
    "paid_partnership",
    "possibly_sensitive",
    "promoted_metrics",
    "public_metrics",
    "reply_settings",
    "scopes",
    "source",
    "suggested_source_links",
    "suggested_source_links_with_counts",
    "text",
    "withheld",
];

/// What the older vocabulary has and the newer one does not.
const TWEET_ONLY: [&str; 5] = [
    "author_id",
    "edit_history_tweet_ids",
    "in_reply_to_user_id",
    "note_tweet",
    "referenced_tweets",
];

/// What the newer vocabulary has and the older one does not.
const POST_ONLY: [&str; 2] = ["article_title", "note_post"];

const MEDIA_FIELDS: [&str; 13] = [
    "alt_text",
    "duration_ms",
    "height",
    "media_key",
    "non_public_metrics",
    "organic_metrics",
    "preview_image_url",
    "promoted_metrics",
    "public_metrics",
    "type",
    "url",
    "variants",
    "width",
];

const EXPANSIONS: [&str; 21] = [
    "affiliation",
    "article.cover_media",
    "article.media_entities",
    "attachments.media_keys",
    "attachments.media_source_tweet",
    "attachments.poll_ids",
    "author_id",
    "edit_history_post_ids",
    "edit_history_tweet_ids",
    "entities.mentions.username",
    "entities.note.mentions.username",
    "geo.place_id",
    "in_reply_to_user_id",
    "most_recent_post_id",
    "pinned_post_id",
    "referenced_posts",
    "referenced_tweets.id",
    "referenced_tweets.id.attachments.media_keys",
    "referenced_tweets.id.author_id",
    "username",
    "most_recent_tweet_id",
];

/// The parameters beside the field lists that some lookup knows.
const OTHERS: [&str; 12] = [
    "ids",
    "max_results",
    "pagination_token",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    "exclude",
    "poll.fields",
    "place.fields",
    "media_id",
    "command",
];

impl Query {
    /// Reads a raw query; an unknown parameter or value is refused, as X refuses it.
    pub(crate) fn read(raw: Option<&str>) -> Result<Self, Problem> {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(raw.unwrap_or_default().as_bytes()) {
            match &*name {
                "post.fields" => {
                    query.post_fields = list(&name, &value, |field| POST_FIELDS.contains(&field))?;
                }
                "tweet.fields" => {
                    query.post_fields = list(&name, &value, |field| {
                        TWEET_ONLY.contains(&field)
                            || (POST_FIELDS.contains(&field) && !POST_ONLY.contains(&field))
                    })?;
                }
                "user.fields" => {
                    query.user_fields = list(&name, &value, |field| USER_FIELDS.contains(&field))?;
                }
                "media.fields" => {
                    query.media_fields =
                        list(&name, &value, |field| MEDIA_FIELDS.contains(&field))?;
                }
                "expansions" => {
                    query.expansions = list(&name, &value, |field| EXPANSIONS.contains(&field))?;
                }
                other if OTHERS.contains(&other) => {
                    query.rest.push((name.into_owned(), value.into_owned()));
                }
                other => {
                    let message = format!("The query parameter [{other}] is not known here.");
                    return Err(Problem::parameter(other, &value, message));
                }
            }
        }
        Ok(query)
    }

    /// Whether a field or an expansion of this name was asked for.
    pub(crate) fn wants(&self, names: &[&str]) -> bool {
        self.post_fields.iter().chain(&self.expansions).any(|name| names.contains(&name.as_str()))
    }

    /// One of the other parameters.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.rest.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// One of the other parameters, read; the problem names it if it cannot be.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| {
            let message = format!("The `{name}` query parameter value [{text}] is not valid.");
            Problem::parameter(name, text, message)
        })
    }
}

fn list(name: &str, value: &str, known: impl Fn(&str) -> bool) -> Result<Vec<String>, Problem> {
    value
        .split(',')
        .map(|field| {
            if known(field) {
                return Ok(field.to_owned());
            }
            let message =
                format!("The `{name}` query parameter value [{field}] is not one of those known.");
            Err(Problem::parameter(name, field, message))
        })
        .collect()
}
