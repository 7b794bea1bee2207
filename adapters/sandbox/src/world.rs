//! What the providers remember: people, permissions, pictures and posts.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// The people of the sandbox: user id, handle, name, and what their profile says.
pub(crate) const PEOPLE: [Person; 3] = [
    Person {
        id: "1700000000000000001",
        handle: "sandbox_bakery",
        name: "Sandbox Bakery",
        about: "Sourdough, every morning at seven.",
    },
    Person {
        id: "1700000000000000002",
        handle: "sandbox_studio",
        name: "Sandbox Studio",
        about: "Small rooms for big ideas.",
    },
    Person {
        id: "1700000000000000003",
        handle: "sandbox_bikes",
        name: "Sandbox Bikes",
        about: "Repairs while you wait.",
    },
];

/// Somebody who can give consent and whose posts are shown.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: &'static str,
    pub(crate) handle: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
}

impl Person {
    pub(crate) fn by_id(id: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.id == id)
    }

    pub(crate) fn by_handle(handle: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.handle == handle)
    }
}

/// Which of its two vocabularies X answers in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vocabulary {
    /// The vocabulary since 2.167: `repost_count`, `referenced_posts`.
    Post,
    /// The one before, which live answers still carry: `retweet_count`, `referenced_tweets`.
    #[default]
    Tweet,
}

/// Consent given on the page and not yet exchanged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: String,
    pub(crate) plain: bool,
    pub(crate) expires_at: Millis,
}

/// What an access token allows. Only its hash is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Millis,
}

/// What a refresh token can be exchanged for, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) client: String,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
}

/// An uploaded picture or film.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) id: u64,
    pub(crate) owner: String,
    pub(crate) category: String,
    pub(crate) mime: String,
    pub(crate) size: u64,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) alt_text: Option<String>,
    pub(crate) stored_at: Millis,
    /// When processing ends; at once for pictures.
    pub(crate) ready_at: Millis,
}

impl Media {
    pub(crate) fn key(&self) -> String {
        let prefix = match self.category.as_str() {
            "tweet_video" | "amplify_video" => 7,
            "tweet_gif" => 16,
            _ => 3,
        };
        format!("{prefix}_{}", self.id)
    }

    pub(crate) fn expires_at(&self) -> Millis {
        self.stored_at.saturating_add(86_400_000)
    }
}

/// A link as X shows it: shortened in the text, expanded in the entities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) short: String,
    pub(crate) expanded: String,
    pub(crate) display: String,
    pub(crate) media_key: Option<String>,
}

/// A published post.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) id: u64,
    pub(crate) author: String,
    /// What the author sent.
    pub(crate) text: String,
    /// What X returns: links shortened, `&`, `<` and `>` escaped.
    pub(crate) shown: String,
    pub(crate) links: Vec<Link>,
    pub(crate) reply_to: Option<u64>,
    pub(crate) quotes: Option<u64>,
    pub(crate) conversation: u64,
    pub(crate) media: Vec<u64>,
    pub(crate) made_with_ai: bool,
    pub(crate) at: Millis,
}

/// One change of what is remembered; a ledger line carries those that its effect made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    CodeIssued { key: String, code: Code },
    CodeUsed { key: String },
    AccessGranted { key: String, access: Access },
    AccessEnded { key: String },
    RefreshGranted { key: String, refresh: Refresh },
    RefreshUsed { key: String },
    UserRevoked { user: String },
    MediaStored { media: Media },
    Posted { post: Post },
    Deleted { id: u64 },
    ClockMoved { offset: Millis },
    Spent { nano_usd: u64 },
    Identity { what: crate::identity::world::Change },
    Svix { what: crate::svix::world::Change },
    Clerk { what: crate::clerk::world::Change },
    Cognito { what: crate::cognito::world::Change },
    Resend { what: crate::resend::world::Change },
    Stripe { stripe: crate::stripe::Change },
}

/// Everything that is remembered; changes only through [`World::apply`].
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) offset: Millis,
    pub(crate) stripe: crate::stripe::Store,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, Refresh>,
    pub(crate) media: BTreeMap<u64, Media>,
    pub(crate) posts: BTreeMap<u64, Post>,
    pub(crate) by_author: HashMap<String, Vec<u64>>,
    pub(crate) replies: HashMap<u64, Vec<u64>>,
    pub(crate) spent_nano_usd: u64,
    pub(crate) identity: crate::identity::world::World,
    pub(crate) svix: crate::svix::world::World,
    pub(crate) clerk: crate::clerk::world::World,
    pub(crate) cognito: crate::cognito::world::World,
    pub(crate) resend: crate::resend::world::World,
    said: HashMap<(String, String), u64>,
    last_id: u64,
    recent_access: VecDeque<String>,
}

/// How many access tokens are remembered; older ones are long expired by then.
const ACCESS_KEPT: usize = 20_000;

impl World {
    /// Believes a change; all rules were applied before it was written down.
    pub(crate) fn apply(&mut self, change: Change) {
        match change {
            Change::CodeIssued { key, code } => {
                let issued = code.expires_at;
                self.codes.retain(|_, kept| kept.expires_at.saturating_add(600_000) > issued);
                self.codes.insert(key, code);
            }
            Change::CodeUsed { key } => drop(self.codes.remove(&key)),
            Change::AccessGranted { key, access } => self.remember_access(key, access),
            Change::AccessEnded { key } => drop(self.access.remove(&key)),
            Change::RefreshGranted { key, refresh } => drop(self.refresh.insert(key, refresh)),
            Change::RefreshUsed { key } => drop(self.refresh.remove(&key)),
            Change::UserRevoked { user } => {
                self.access.retain(|_, access| access.user != user);
                self.refresh.retain(|_, refresh| refresh.user != user);
            }
            Change::MediaStored { media } => {
                self.last_id = self.last_id.max(media.id);
                self.media.insert(media.id, media);
            }
            Change::Posted { post } => self.remember_post(post),
            Change::Deleted { id } => self.forget_post(id),
            Change::ClockMoved { offset } => self.offset = offset,
            Change::Stripe { stripe } => self.stripe.apply(stripe),
            Change::Spent { nano_usd } => {
                self.spent_nano_usd = self.spent_nano_usd.saturating_add(nano_usd);
            }
            Change::Identity { what } => self.identity.apply(what),
            Change::Svix { what } => self.svix.apply(what),
            Change::Clerk { what } => self.clerk.apply(what),
            Change::Cognito { what } => self.cognito.apply(what),
            Change::Resend { what } => self.resend.apply(what),
        }
    }

    /// The next id in X's form: time in the upper bits, and always growing.
    pub(crate) fn next_id(&mut self, now: Millis) -> u64 {
        const EPOCH: Millis = 1_288_834_974_657;
        let since = u64::try_from(now.saturating_sub(EPOCH)).unwrap_or_default();
        self.last_id = self.last_id.saturating_add(1).max(since << 22);
        self.last_id
    }

    /// The post that already says exactly this, if its author said it within a day.
    pub(crate) fn said_before(&self, author: &str, text: &str, now: Millis) -> Option<&Post> {
        let id = self.said.get(&(author.to_owned(), text.to_owned()))?;
        self.posts.get(id).filter(|post| now.saturating_sub(post.at) < 86_400_000)
    }

    fn remember_access(&mut self, key: String, access: Access) {
        self.recent_access.push_back(key.clone());
        self.access.insert(key, access);
        if self.recent_access.len() > ACCESS_KEPT
            && let Some(oldest) = self.recent_access.pop_front()
        {
            self.access.remove(&oldest);
        }
    }

    fn remember_post(&mut self, post: Post) {
        self.last_id = self.last_id.max(post.id);
        self.by_author.entry(post.author.clone()).or_default().push(post.id);
        if let Some(parent) = post.reply_to {
            self.replies.entry(parent).or_default().push(post.id);
        }
        self.said.insert((post.author.clone(), post.text.clone()), post.id);
        self.posts.insert(post.id, post);
    }

    fn forget_post(&mut self, id: u64) {
        let Some(post) = self.posts.remove(&id) else { return };
        if let Some(ids) = self.by_author.get_mut(&post.author) {
            ids.retain(|kept| *kept != id);
        }
        if let Some(ids) = post.reply_to.and_then(|parent| self.replies.get_mut(&parent)) {
            ids.retain(|kept| *kept != id);
        }
    }
}
