//! The one table of error codes, from which `docs/errors.md` is made.

/// Whether the same request may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// Yes, by waiting.
    Later,
    /// Only once something was changed.
    Changed,
    /// `retryable` of the error tells.
    Maybe,
}

impl Retry {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Later => "later",
            Self::Changed => "no",
            Self::Maybe => "see `retryable`",
        }
    }
}

/// What one code means.
#[derive(Debug)]
pub(crate) struct ErrorCode {
    pub(crate) code: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) who: &'static str,
    pub(crate) retry: Retry,
    pub(crate) next: &'static str,
}

/// Reads as the table that it becomes: code, who acts, whether again as it is; what it means; what
/// to do next.
macro_rules! errors {
    ($($code:literal, $who:literal, $retry:ident: $meaning:literal => $next:literal;)*) => {
        /// Every code. It only ever grows.
        pub(crate) const ERRORS: &[ErrorCode] = &[$(ErrorCode {
            code: $code,
            meaning: $meaning,
            who: $who,
            retry: Retry::$retry,
            next: $next,
        },)*];
    };
}

errors! {
    "UNAUTHENTICATED", "caller", Changed:
        "Nobody is signed in, or the credential is not good any more."
            => "Sign in by a link of `herald sign-in`, then send the session as a bearer token or \
                cookie.";
    "FORBIDDEN", "owner or admin", Changed:
        "The object is yours to see, but your role does not allow this, the member stands above \
         you, or only operators of the installation do it."
            => "Ask an owner or admin for the role that the operation's description names.";
    "NOT_FOUND", "caller", Changed:
        "There is nothing of this id in your account. What belongs to another account is answered \
         the same."
            => "Check the id, and the account in the header `herald-account`.";
    "NO_ACCOUNT", "caller", Changed:
        "You are signed in and take part in no account."
            => "`openAccount`, or `acceptInvite`.";
    "ACCOUNT_REQUIRED", "caller", Changed:
        "You take part in several accounts and named none; `extensions.accounts` lists them."
            => "Name one in the header `herald-account`.";
    "RATE_LIMITED", "caller", Later:
        "Too many requests in too short a time."
            => "Wait as long as `Retry-After` says.";
    "COST_EXCEEDED", "caller", Changed:
        "The request selects more than one request may cost."
            => "Select fewer fields, or a smaller page.";
    "LIMIT_EXCEEDED", "caller", Changed:
        "The document is larger, deeper or wider than one request may be."
            => "Split the request.";
    "READ_TIMEOUT", "nobody", Later:
        "What the token promises is not visible yet."
            => "Repeat the read.";
    "TIMEOUT", "nobody", Later:
        "The request took too long, or arrived too slowly. What was begun goes on."
            => "Repeat it with the same idempotency key.";
    "UNAVAILABLE", "operator", Later:
        "Storage or sign-in does not answer."
            => "Repeat it with the same idempotency key.";
    "INTERNAL", "operator", Later:
        "A defect of ours. The cause is in the log, under the request's id."
            => "Report it with the request's id.";
    "GRAPHQL_PARSE_FAILED", "caller", Changed:
        "The document is not GraphQL."
            => "Mend the document.";
    "GRAPHQL_VALIDATION_FAILED", "caller", Changed:
        "The document does not fit the schema, or a variable is missing."
            => "Compare with `docs/schema.graphql`.";
    "BAD_REQUEST", "caller", Changed:
        "The body is not a GraphQL request."
            => "Send a JSON object with a `query`.";
    "BATCH_REFUSED", "caller", Changed:
        "An array of requests."
            => "Send one request at a time.";
    "UNSUPPORTED_MEDIA_TYPE", "caller", Changed:
        "The body is not declared as JSON."
            => "Send `Content-Type: application/json`.";
    "NOT_ACCEPTABLE", "caller", Changed:
        "The client takes none of the forms that there are."
            => "Accept `application/graphql-response+json`, `application/json` or \
                `text/event-stream`.";
    "METHOD_NOT_ALLOWED", "caller", Changed:
        "GraphQL is answered to `POST`, and to WebSockets."
            => "Use `POST`.";
    "PAYLOAD_TOO_LARGE", "caller", Changed:
        "The body is larger than a request may be."
            => "Split the request; send pictures to `POST /media`.";
    "PERSISTED_QUERY_NOT_SUPPORTED", "caller", Changed:
        "The hash of a document in place of the document."
            => "Send the document.";
    "ORIGIN_REFUSED", "operator", Changed:
        "A page of another site used your session."
            => "Use a bearer token, or add the page's origin to the settings.";
    "SUBPROTOCOL_REFUSED", "caller", Changed:
        "The WebSocket speaks another protocol."
            => "Speak `graphql-transport-ws`.";
    "VALIDATION", "caller", Changed:
        "An argument or a field of the input makes no sense; `path` names it."
            => "Mend the field.";
    "IDEMPOTENCY_KEY_REUSED", "caller", Changed:
        "The key belongs to another request."
            => "Use a new key for a new wish.";
    "CONCURRENCY_CONFLICT", "caller", Maybe:
        "The object has changed since you read it, or is being changed by others."
            => "Read it again and decide again; without `expectedVersion`, repeat.";
    "EVENT_NOT_CANONICAL", "caller", Changed:
        "The input is too large or too deep to be kept in the log."
            => "Shorten it.";
    "INVALID_STATE", "caller", Changed:
        "What you ask contradicts where the object stands; the message says where it could be done."
            => "Read the object and choose what fits.";
    "ALREADY_EXISTS", "caller", Changed:
        "It was created before."
            => "Use what is there.";
    "ALREADY_TAKEN", "caller", Changed:
        "The address, identity or social account belongs to somebody already."
            => "Choose another, or release it there.";
    "LIMIT_REACHED", "owner", Later:
        "Your tier does not carry one more; the message says how many it does."
            => "Free one, wait for the next period, or upgrade.";
    "REAUTHENTICATION_REQUIRED", "caller", Later:
        "Giving an API key more scopes needs somebody who signed in within the last ten minutes."
            => "Sign in again, then repeat it.";
    "BILLING_OFF", "operator", Changed:
        "Nobody pays in this installation."
            => "An operator sets `HERALD_BILLING=on`.";
    "SUBSCRIPTION_REQUIRED", "owner or biller", Changed:
        "The account has no subscription, or owes a payment for it."
            => "`startCheckout`, or `openPortal` to pay.";
    "FEATURE_NOT_INCLUDED", "owner or biller", Later:
        "Your tier does not have this; the message says which tier it is."
            => "`startCheckout` or `changePlan` for a tier that does.";
    "MEMBER_RESTS", "owner or biller", Later:
        "You belong to the account, but its tier has no seat for you at present."
            => "`changePlan` for more seats, or `chooseKeepers` to keep yours.";
    "QUOTA_EXCEEDED", "owner", Later:
        "A monthly quota is used up; the message says which and by what."
            => "Wait for the next month, `buyCredits`, or `changePlan`.";
    "CREDITS_EXHAUSTED", "owner", Later:
        "Neither the month's credits nor bought ones are left."
            => "Wait for the next month, `buyCredits`, or `changePlan`.";
    "PAYMENTS_NOT_CONFIGURED", "operator", Changed:
        "No payment provider is configured."
            => "An operator sets `STRIPE_SECRET_KEY`.";
    "PAYMENTS_AUTHENTICATION", "operator", Changed:
        "The payment provider does not take our key."
            => "An operator renews `STRIPE_SECRET_KEY`.";
    "PAYMENT_DECLINED", "owner or biller", Changed:
        "The payer's card or bank said no; the message says what helps."
            => "`openPortal` to use another card.";
    "PAYMENTS_RATE_LIMITED", "nobody", Later:
        "The payment provider is asked too often."
            => "Repeat it in a moment.";
    "PAYMENTS_UNREACHABLE", "nobody", Later:
        "The payment provider does not answer."
            => "Repeat it in a moment.";
    "PAYMENTS_REFUSED", "caller", Changed:
        "The payment provider understood and said no."
            => "Read the message.";
    "PAYMENTS_KEY_CONFLICT", "operator", Maybe:
        "The payment provider knows the same wish with another content."
            => "Report it with the request's id.";
    "LINK_NOT_VALID", "caller", Changed:
        "The sign-in link or the invitation was used, has expired or never existed."
            => "Ask for a new one.";
    "CONSENT_NOT_AWAITED", "caller", Changed:
        "Nobody waits for this answer of a consent page: it was used, replaced or made up."
            => "`reconnect`.";
    "CONSENT_OF_ANOTHER_NETWORK", "caller", Changed:
        "The answer of a consent page came back by the address of another network than its own."
            => "`reconnect`.";
    "CONSENT_EXPIRED", "caller", Changed:
        "The consent came back too late."
            => "`reconnect`.";
    "CONSENT_OF_ANOTHER", "the other member", Changed:
        "Another member began the connection; only they can complete it."
            => "Let them complete it, or begin anew.";
    "IDENTITY_MISMATCH", "caller", Changed:
        "The consent is for another account of the network than the one connected before."
            => "Sign in to the right account there, then `reconnect`.";
    "PROVIDER_NOT_CONFIGURED", "operator", Changed:
        "The network or provider has no credentials in this installation."
            => "Set its credentials; `herald doctor` says which.";
    "NEEDS_REAUTH", "caller", Changed:
        "The network no longer accepts our access."
            => "`reconnect`.";
    "REFRESH_IN_PROGRESS", "nobody", Later:
        "The connection's access is being renewed at this moment."
            => "Wait a moment.";
    "REFRESH_NOT_AWAITED", "nobody", Changed:
        "A report about a renewal that nobody waits for. Only jobs see it."
            => "Nothing.";
    "ACCESS_NOT_RENEWED", "nobody", Later:
        "The connection's access could not be renewed yet. Only jobs see it."
            => "Nothing; it is tried again.";
    "MEDIA_UNSUPPORTED", "caller", Changed:
        "The file is no JPEG, PNG, WebP or GIF."
            => "Convert it.";
    "MEDIA_TOO_LARGE", "caller", Changed:
        "The picture has more bytes than networks take."
            => "Make it smaller.";
    "MEDIA_STORAGE_FULL", "operator", Changed:
        "The account keeps as many bytes of pictures as this installation allows."
            => "Use pictures that are there, or ask the operator to raise `HERALD_LIMIT_MEDIA`.";
    "NO_TARGETS", "caller", Changed:
        "The post goes nowhere."
            => "Name at least one connection.";
    "DUPLICATE_TARGET", "caller", Changed:
        "A connection was named twice."
            => "Name it once.";
    "CONTENT_FORGOTTEN", "nobody", Changed:
        "The content belonged to somebody whose data was erased."
            => "Write a new post.";
    "IN_FLIGHT", "caller", Later:
        "A part of the post is published or on its way, so what it says is settled."
            => "Wait for its outcome, or write another post.";
    "STALE_APPROVAL", "reviewer", Changed:
        "What you approve is not what it says now."
            => "Read it again and approve the new `contentHash`.";
    "SELF_APPROVAL", "another publisher", Changed:
        "The account wants four eyes, and you wrote it."
            => "Let somebody else approve.";
    "FOUR_EYES_REQUIRED", "another publisher", Changed:
        "The account wants four eyes, and you worked on the plan."
            => "Let somebody else approve.";
    "APPROVAL_REQUIRED", "publisher", Changed:
        "The account wants an approval before a post gets its time."
            => "`submitPost`, then `approvePost`.";
    "IN_THE_PAST", "caller", Changed:
        "The time has passed."
            => "Choose a time in the future, or `publishPost`.";
    "TIME_OUT_OF_RANGE", "caller", Changed:
        "No instant has such a date."
            => "Choose another date.";
    "NOT_DUE", "nobody", Later:
        "Its time has not come. Only jobs see it."
            => "Nothing.";
    "NOT_LATE", "nobody", Later:
        "It is not late enough to be missed. Only jobs see it."
            => "Nothing.";
    "ATTEMPT_OPEN", "nobody", Later:
        "An attempt to publish it is open."
            => "Wait for its outcome.";
    "STALE_ATTEMPT", "nobody", Changed:
        "A report of an attempt that is over. Only jobs see it."
            => "Nothing.";
    "NOT_NEXT_STEP", "nobody", Changed:
        "Steps go out in order, each once. Only jobs see it."
            => "Nothing.";
    "OUTCOME_UNKNOWN", "nobody, else a publisher", Later:
        "The network may have published it: it has to be looked up first."
            => "Wait, or `reconcileTarget`.";
    "NO_INTENT", "nobody", Changed:
        "A verdict that belongs to nothing. Only jobs see it."
            => "Nothing.";
    "REMOTE_IN_USE", "caller", Changed:
        "That post on the network is already recorded as another step."
            => "Name the right one.";
    "DEADLINE_PASSED", "nobody", Changed:
        "Too late to send it. Only jobs see it."
            => "Nothing.";
    "DEADLINE_AHEAD", "nobody", Later:
        "The verdict may still come. Only jobs see it."
            => "Nothing.";
    "MODEL_UNAVAILABLE", "operator", Changed:
        "No generation profile is configured."
            => "Set the models; `herald doctor` says which.";
    "OUTPUT_INVALID", "caller", Maybe:
        "What the model wrote cannot be used, repairs included."
            => "`generateContentPlan` again.";
    "PLAN_LOCKED", "caller", Maybe:
        "The plan is being written, or can no longer be changed."
            => "Wait until the run has ended, or start another plan.";
    "NOTHING_ACCEPTED", "caller", Changed:
        "No item of the plan is accepted."
            => "`acceptPlanItem` for what is to become a post.";
    "EMPTY", "author", Changed:
        "A rule for posts: a step has neither text nor picture."
            => "`editPost`.";
    "TEXT_TOO_LONG", "author", Changed:
        "A rule for posts: the text is longer than the connection may publish."
            => "Shorten it with `editPost`.";
    "TOO_MANY_SEGMENTS", "author", Changed:
        "A rule for posts: the thread is too long."
            => "Shorten it with `editPost`.";
    "TOO_MANY_PICTURES", "author", Changed:
        "A rule for posts: more pictures than the network takes."
            => "Leave some out with `editPost`.";
    "GIF_NOT_ALONE", "author", Changed:
        "A rule for posts: a GIF beside other pictures."
            => "Leave the others out with `editPost`.";
    "PICTURE_REPEATED", "author", Changed:
        "A rule for posts: the same picture twice in one of its parts."
            => "Name it once with `editPost`.";
    "PICTURE_TOO_LARGE", "author", Changed:
        "A rule for posts: a picture is larger than the network takes."
            => "Upload a smaller one and `editPost`.";
    "MEDIA_MISSING", "author", Changed:
        "A target failed: a picture is not there to be sent."
            => "Upload it again and `editPost`.";
    "LATE", "publisher", Changed:
        "A target stopped: the rest of a thread could not be sent in time."
            => "`retryTarget`.";
    "CANCELED", "nobody", Changed:
        "A target stopped: a person canceled the rest of it."
            => "Nothing.";
    "PASSWORD_NOT_AUTHORIZED", "caller", Changed:
        "Name and password do not belong together, or the person is unknown: which, is \
         not said."
            => "Try again, or ask for a new password.";
    "PASSWORD_NAME_TAKEN", "caller", Changed:
        "Somebody has registered under this name."
            => "Sign in, or register another.";
    "PASSWORD_NOT_CONFIRMED", "caller", Changed:
        "The address was not proven yet."
            => "Give the code that was mailed.";
    "PASSWORD_RESET_REQUIRED", "caller", Changed:
        "The provider asks for a new password."
            => "Choose a new password.";
    "PASSWORD_TOO_WEAK", "caller", Changed:
        "The password does not meet the provider's policy."
            => "Choose a longer one.";
    "PASSWORD_CODE_WRONG", "caller", Changed:
        "The code is not the one that was sent, or too old."
            => "Read it again, or ask for another.";
    "PASSWORD_CODE_EXPIRED", "caller", Changed:
        "The code is too old. Only in the log; callers see `PASSWORD_CODE_WRONG`."
            => "Ask for a new one.";
    "PASSWORD_TOO_MANY_ATTEMPTS", "caller", Later:
        "The provider has stopped counting tries."
            => "Wait a while.";
    "PASSWORD_INPUT_INVALID", "caller", Changed:
        "The provider does not take the input."
            => "Mend what the message names.";
    "PASSWORD_CHALLENGE_UNSUPPORTED", "operator", Changed:
        "The provider asks for something that we cannot pass on."
            => "Switch it off in the user pool.";
    "PASSWORD_PROVIDER_MISCONFIGURED", "operator", Changed:
        "The provider does not know our client."
            => "`herald doctor` says what to set.";
    "PASSWORD_PROVIDER_NOT_REACHED", "nobody", Later:
        "The provider was not reached; nothing happened."
            => "Try again.";
    "PASSWORD_OUTCOME_UNKNOWN", "caller", Later:
        "The provider's answer was not seen."
            => "Try again; a code may be used up.";
    "SIGN_IN_REFUSED", "caller", Changed:
        "The provider said no, or the person did."
            => "Begin again.";
    "SIGN_IN_NOT_TRUSTED", "operator", Changed:
        "The provider's token does not prove what it should."
            => "Check the issuer and the client with `herald doctor`; the log says the `reason`.";
    "SIGN_IN_EMAIL_NOT_VERIFIED", "caller", Changed:
        "The provider has not verified the address."
            => "Verify it there, then sign in again.";
    "SIGN_IN_NOT_A_MEMBER", "caller", Changed:
        "The person is not in the organisation that is required."
            => "Ask its owner, then sign in again.";
    "SIGN_IN_PROVIDER_NOT_REACHED", "nobody", Later:
        "The provider was not reached; nothing happened."
            => "Begin again.";
    "SIGN_IN_OUTCOME_UNKNOWN", "caller", Later:
        "The provider's answer was not seen; its code is used up."
            => "Begin again.";
    "TOKEN_MALFORMED", "caller", Changed:
        "Not a token. Only the log says which of these it was; callers see \
         `UNAUTHENTICATED`."
            => "Sign in again.";
    "TOKEN_ALGORITHM", "caller", Changed:
        "The token is signed in a way that its key does not allow. Only in the log."
            => "Sign in again.";
    "TOKEN_UNKNOWN_KEY", "caller", Changed:
        "The issuer has no such key. Only in the log."
            => "Sign in again.";
    "TOKEN_SIGNATURE", "caller", Changed:
        "The signature is wrong. Only in the log."
            => "Sign in again.";
    "TOKEN_EXPIRED", "caller", Changed:
        "The token is too old. Only in the log."
            => "Sign in again.";
    "TOKEN_NOT_YET", "caller", Later:
        "The token is not valid yet. Only in the log."
            => "Check the clocks.";
    "TOKEN_ISSUER", "caller", Changed:
        "Nobody here trusts the issuer. Only in the log."
            => "Sign in with a configured issuer.";
    "TOKEN_AUDIENCE", "caller", Changed:
        "The token is for somebody else. Only in the log."
            => "Sign in again.";
    "TOKEN_AUTHORIZED_PARTY", "caller", Changed:
        "The token was given to another application. Only in the log."
            => "Sign in again.";
    "TOKEN_PENDING", "caller", Changed:
        "The session waits for a step of the person. Only in the log."
            => "Finish signing in.";
    "TOKEN_USE", "caller", Changed:
        "The wrong kind of token. Only in the log."
            => "Send the other one.";
    "TOKEN_NONCE", "caller", Changed:
        "The token answers another sign-in. Only in the log."
            => "Begin again.";
    "TOKEN_ISSUER_UNAVAILABLE", "nobody", Later:
        "The issuer's keys cannot be had."
            => "Try again.";
    "WEBHOOK_OPEN", "operator", Later:
        "The webhook is waiting or being processed: there is nothing to replay."
            => "Wait until it is settled.";
    "WEBHOOK_FORGOTTEN", "operator", Changed:
        "The webhook's body was forgotten after its retention."
            => "Ask the provider for it again.";
}
