//! The words: one letter for each notice, plain enough for a subject line and a telephone.

use super::Notice;
use herald_kernel::{Instant, LocalTime, Money, Zone};
use herald_subscription::{Counter, Impact};
use herald_terms::Quota;

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The line above it.
    pub(crate) subject: String,
    /// Paragraphs.
    pub(crate) says: Vec<String>,
    /// What can be done, in a few words, at the address that goes with the letter.
    pub(crate) action: &'static str,
}

/// What the words need beside the notice itself.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// In which zone the account's dates are meant.
    pub(crate) zone: Zone,
    /// The tier that the account has by now.
    pub(crate) tier: String,
    /// What is counted, where a limit is spoken of.
    pub(crate) counter: Option<Counter>,
    /// How a key's owner recognises it.
    pub(crate) key: Option<String>,
    /// With what somebody signed in and when, as far as that is still known.
    pub(crate) sign_in: Option<(String, Instant)>,
}

/// Writes a letter.
pub(crate) fn write(notice: &Notice, facts: &Facts) -> Letter {
    match notice {
        Notice::Welcome
        | Notice::TrialStarted { .. }
        | Notice::SubscriptionStarted
        | Notice::Grandfathered { .. } => beginning(notice, facts),
        Notice::Receipt { .. } | Notice::PaymentFailed { .. } | Notice::GraceEnding { .. } => {
            paying(notice, facts)
        }
        Notice::TrialEnding { .. }
        | Notice::Ending { .. }
        | Notice::LossAhead { .. }
        | Notice::Resting => ending(notice, facts),
        Notice::SeatRests => seat(facts),
        Notice::Usage { percent, used, quota, .. } => usage(*percent, *used, *quota, facts),
        Notice::KeyLeaked { .. } => leaked(facts),
        Notice::NewDevice { .. } => new_device(facts),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`write` hands over these alone")]
fn beginning(notice: &Notice, facts: &Facts) -> Letter {
    let tier = &facts.tier;
    match notice {
        Notice::TrialStarted { until } => {
            let until = until.map(|until| format!(" until {}", day(until, facts)));
            let until = until.unwrap_or_default();
            letter(
                "Your trial has begun",
                [
                    format!("You can try everything that {tier} includes{until}."),
                    "We write again three days before it ends. You can cancel at any time before \
                     that and pay nothing."
                        .to_owned(),
                ],
                "See your subscription",
            )
        }
        Notice::SubscriptionStarted => letter(
            "Your subscription is confirmed",
            [
                format!("Thank you. You now have everything that {tier} includes."),
                "You can change or cancel it at any time in your billing settings.".to_owned(),
            ],
            "See your subscription",
        ),
        Notice::Grandfathered { until } => {
            let until = until.map_or_else(String::new, |at| format!(" until {}", day(at, facts)));
            letter(
                "A tier was given to you",
                [format!(
                    "You have everything that {tier} includes{until}, and pay nothing for it."
                )],
                "See what it includes",
            )
        }
        _ => letter(
            "Welcome to Herald",
            ["Your account is open. Connect a network, write a post and give it its time: we \
                 see to it that it appears once, and tell you when it did not."
                .to_owned()],
            "Begin",
        ),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`write` hands over these alone")]
fn paying(notice: &Notice, facts: &Facts) -> Letter {
    match notice {
        Notice::Receipt { invoice, amount } => letter(
            "We received your payment",
            [format!("Thank you. We received {} for the invoice {invoice}.", money(*amount))],
            "See the invoice",
        ),
        Notice::PaymentFailed { until, needs_action: true, .. } => letter(
            "Please confirm your payment",
            [
                "Your bank wants you to confirm a payment. Until you do, it is not made."
                    .to_owned(),
                format!("Everything keeps working until {}.", day(*until, facts)),
            ],
            "Confirm the payment",
        ),
        Notice::PaymentFailed { until, .. } => letter(
            "A payment failed",
            [
                "We could not collect a payment. We try again by ourselves; you can also pay now \
                 or change the means of payment."
                    .to_owned(),
                format!("Everything keeps working until {}.", day(*until, facts)),
            ],
            "Pay now",
        ),
        Notice::GraceEnding { until } => letter(
            "Your posts stop soon",
            [
                "A payment is still open.".to_owned(),
                format!(
                    "From {} on, nothing is published or generated until it is paid. Nothing is \
                     deleted: scheduled posts wait, and you can read and export everything.",
                    day(*until, facts)
                ),
            ],
            "Pay now",
        ),
        _ => letter("About your payment", [], "See your subscription"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`write` hands over these alone")]
fn ending(notice: &Notice, facts: &Facts) -> Letter {
    match notice {
        Notice::TrialEnding { until } => letter(
            "Your trial ends soon",
            [
                format!("Your trial of {} ends on {}.", facts.tier, day(*until, facts)),
                "If you have given a means of payment, the first payment is made then. If you do \
                 not want to go on, cancel before that day."
                    .to_owned(),
            ],
            "Go on or cancel",
        ),
        Notice::Ending { at, .. } => letter(
            "Your cancellation",
            [
                format!("As was asked, your subscription ends on {}.", day(*at, facts)),
                "Your posts and everything else stay. Until that day you can change your mind."
                    .to_owned(),
            ],
            "Keep the subscription",
        ),
        Notice::LossAhead { at, impact, .. } => letter(
            "Some things will rest soon",
            [
                format!(
                    "On {} your subscription changes to less than you use. This will rest: {}.",
                    day(*at, facts),
                    too_many(impact.unwrap_or_default())
                ),
                "Nothing is deleted. You can choose what keeps its place.".to_owned(),
            ],
            "Choose what stays",
        ),
        _ => letter(
            "Some things rest now",
            [format!(
                "Your account has {}, which includes less than you use. Some connections, \
                     members or API keys rest. Nothing is deleted, and all of it goes on with a tier that has \
                     a place for it.",
                facts.tier
            )],
            "Choose what stays",
        ),
    }
}

fn seat(facts: &Facts) -> Letter {
    letter(
        "You have no seat for now",
        [
            format!(
                "The account has {} by now, which has fewer seats than there are members, and \
                 yours rests. Until you have one again you can neither see nor change anything \
                 there, and API keys that you issued do not work.",
                facts.tier
            ),
            "You stay a member in your role, and nothing of yours is deleted. An owner can choose \
             who keeps a seat, or take a tier with more of them."
                .to_owned(),
        ],
        "See your accounts",
    )
}

fn usage(percent: u8, used: u64, quota: Quota, facts: &Facts) -> Letter {
    let what = match facts.counter {
        Some(Counter::Posts) => "posts",
        Some(Counter::ApiCalls) => "API calls",
        Some(Counter::AiCredits) => "AI credits",
        None => "quota",
    };
    let subject = format!("You have used {percent}% of this month's {what}");
    let next = if percent < 100 {
        "Nothing changes for now."
    } else {
        "What goes beyond is refused or charged, as your tier says."
    };
    letter(&subject, [format!("{used} of {quota} are used."), next.to_owned()], "See what you use")
}

fn leaked(facts: &Facts) -> Letter {
    let key = facts.key.as_ref().map_or_else(String::new, |key| format!(" {key}"));
    letter(
        "An API key of yours was found in public",
        [
            format!("The API key{key} was found where others can read it. We ended it at once."),
            "Whatever used it no longer works. Issue another key, keep it out of your code, and \
             look through what was done with the old one."
                .to_owned(),
        ],
        "See your keys",
    )
}

fn new_device(facts: &Facts) -> Letter {
    let known = facts.sign_in.as_ref();
    let device = known.map(|(device, _)| device.as_str()).filter(|device| !device.is_empty());
    let device = device.unwrap_or("a device that did not say what it is");
    let at = known.map_or_else(String::new, |(_, at)| format!(", on {}", minute(*at, facts)));
    letter(
        "A sign-in from a new device",
        [
            format!("Somebody signed in as you with {device}{at}. We had not seen it before."),
            "If it was you, there is nothing to do. If it was not, end all of your sessions and \
             change how you sign in: the password, or what guards your mailbox."
                .to_owned(),
        ],
        "See where you are signed in",
    )
}

fn letter<const N: usize>(subject: &str, says: [String; N], action: &'static str) -> Letter {
    Letter { subject: subject.to_owned(), says: says.into(), action }
}

/// The day on which clocks in the account's zone show it.
fn day(at: Instant, facts: &Facts) -> String {
    let local = LocalTime::of(at, &facts.zone).map(|local| local.to_string()).unwrap_or_default();
    let day = local.split('T').next().unwrap_or_default();
    format!("{day} ({})", facts.zone)
}

/// The minute that clocks in the account's zone show.
fn minute(at: Instant, facts: &Facts) -> String {
    let local = LocalTime::of(at, &facts.zone).map(|local| local.to_string()).unwrap_or_default();
    let shown: String = local.replacen('T', " at ", 1).chars().take(19).collect();
    format!("{shown} ({})", facts.zone)
}

/// An amount in whole units of its currency.
pub(super) fn money(amount: Money) -> String {
    let currency = amount.currency.to_string();
    // Currencies without and with smaller parts than hundredths (ISO 4217).
    let digits = match currency.as_str() {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let unit = 10_u64.pow(digits);
    let (minor, sign) = (amount.minor.unsigned_abs(), if amount.minor < 0 { "-" } else { "" });
    let (whole, part) = (minor / unit, minor % unit);
    let width = usize::try_from(digits).unwrap_or_default();
    let part = if digits == 0 { String::new() } else { format!(".{part:0width$}") };
    format!("{sign}{whole}{part} {currency}")
}

fn too_many(impact: Impact) -> String {
    let Impact { networks, connections, seats, api_keys } = impact;
    let counted = [
        (networks, "network", "networks"),
        (connections, "connection", "connections"),
        (seats, "seat", "seats"),
        (api_keys, "API key", "API keys"),
    ];
    let named = counted.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| {
        let noun = if n == 1 { one } else { many };
        format!("{n} {noun}")
    });
    named.collect::<Vec<_>>().join(", ")
}
