//! The body of `POST /2/tweets`, read as strictly as X's own schema has it.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::text;
use super::wire::{self, Problem};

/// A request to create a post; unknown members are refused, as X refuses them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the schema is X's, not ours")]
pub(crate) struct CreatePost {
    pub(crate) text: String,
    pub(crate) reply: Option<Reply>,
    pub(crate) media: Option<Attached>,
    pub(crate) quote_tweet_id: Option<PostId>,
    pub(crate) made_with_ai: bool,
    poll: Option<Poll>,
    reply_settings: Option<ReplySettings>,
    card_uri: Option<String>,
    #[serde(rename = "community_id")]
    _community_id: Option<PostId>,
    #[serde(rename = "direct_message_deep_link")]
    _direct_message_deep_link: Option<String>,
    edit_options: Option<EditOptions>,
    #[serde(rename = "for_super_followers_only")]
    _for_super_followers_only: bool,
    #[serde(rename = "geo")]
    _geo: Option<Geo>,
    #[serde(rename = "nullcast")]
    _nullcast: bool,
    #[serde(rename = "paid_partnership")]
    _paid_partnership: bool,
    #[serde(rename = "share_with_followers")]
    _share_with_followers: bool,
}

/// Which post is answered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) in_reply_to_tweet_id: PostId,
    #[serde(default, rename = "exclude_reply_user_ids")]
    _exclude_reply_user_ids: Vec<String>,
    #[serde(default, rename = "auto_populate_reply_metadata")]
    _auto_populate_reply_metadata: bool,
}

/// Which uploads are attached.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attached {
    pub(crate) media_ids: Vec<PostId>,
    #[serde(default)]
    tagged_user_ids: Vec<PostId>,
    #[serde(default, rename = "preview_media_id")]
    _preview_media_id: Option<PostId>,
    #[serde(default, rename = "title")]
    _title: Option<String>,
    #[serde(default, rename = "description")]
    _description: Option<String>,
    #[serde(default, rename = "embeddable")]
    _embeddable: Option<bool>,
    #[serde(default, rename = "call_to_actions")]
    _call_to_actions: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    options: Vec<String>,
    duration_minutes: u32,
    #[serde(default, rename = "reply_settings")]
    _reply_settings: Option<ReplySettings>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EditOptions {
    #[serde(rename = "previous_post_id")]
    _previous_post_id: PostId,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Geo {
    #[serde(rename = "place_id")]
    _place_id: String,
}

#[derive(Debug, Deserialize)]
enum ReplySettings {
    #[serde(rename = "following")]
    Following,
    #[serde(rename = "mentionedUsers")]
    MentionedUsers,
    #[serde(rename = "subscribers")]
    Subscribers,
    #[serde(rename = "verified")]
    Verified,
}

/// A numeric id, sent as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct PostId(pub(crate) u64);

impl TryFrom<String> for PostId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        wire::id(&text).map(Self).ok_or_else(|| format!("`{text}` does not match ^[0-9]{{1,19}}$"))
    }
}

impl CreatePost {
    /// Reads the body and applies every rule that needs no memory.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut request: Self = serde_json::from_slice(body)
            .map_err(|error| Problem::parameter("$", "", format!("$: {error}")))?;
        request.text = request.text.trim().to_owned();
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<(), Problem> {
        let attached = self.media.as_ref().map_or(0, |media| media.media_ids.len());
        if self.media.is_some() && !(1..=4).contains(&attached) {
            let message = "media.media_ids must hold between 1 and 4 ids";
            return Err(Problem::parameter("media.media_ids", &attached.to_string(), message));
        }
        if self.media.as_ref().is_some_and(|media| media.tagged_user_ids.len() > 10) {
            let message = "media.tagged_user_ids must hold at most 10 ids";
            return Err(Problem::parameter("media.tagged_user_ids", "", message));
        }
        if self.text.is_empty() && attached == 0 {
            let message = "The text of a post is required unless media is provided.";
            return Err(Problem::parameter("text", "", message));
        }
        if text::weight(&self.text) > text::LIMIT {
            return Err(Problem::invalid("Your Tweet text is too long."));
        }
        self.check_rare()
    }

    /// What Herald does not send, and X would still look at.
    fn check_rare(&self) -> Result<(), Problem> {
        let exclusive = [
            self.media.is_some(),
            self.quote_tweet_id.is_some(),
            self.poll.is_some(),
            self.card_uri.is_some(),
        ];
        if exclusive.into_iter().filter(|used| *used).count() > 1 {
            let message = "media, quote_tweet_id, poll and card_uri exclude each other";
            return Err(Problem::parameter("$", "", message));
        }
        if self.edit_options.is_some() {
            return Err(Problem::forbidden("You are not permitted to edit this Post."));
        }
        if let Some(poll) = &self.poll {
            let fits = |option: &String| (1..=25).contains(&option.chars().count());
            let options = (2..=4).contains(&poll.options.len()) && poll.options.iter().all(fits);
            if !options || !(5..=10_080).contains(&poll.duration_minutes) {
                return Err(Problem::parameter("poll", "", "The poll is not valid."));
            }
        }
        match self.reply_settings {
            None
            | Some(
                ReplySettings::Following
                | ReplySettings::MentionedUsers
                | ReplySettings::Subscribers
                | ReplySettings::Verified,
            ) => Ok(()),
        }
    }
}
