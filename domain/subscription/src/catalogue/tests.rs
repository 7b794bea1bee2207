//! What the catalogue promises, and what it refuses.

use super::*;
use herald_terms::{Feature, Features, Quota};

fn price(name: &str) -> PriceRef {
    name.parse().expect("valid")
}

fn usd() -> Currency {
    "USD".parse().expect("valid")
}

fn file() -> CatalogueFile {
    builtin::file()
}

fn faults(change: impl FnOnce(&mut CatalogueFile)) -> Vec<CatalogueFault> {
    let mut file = file();
    change(&mut file);
    Catalogue::try_from(file).expect_err("a fault").0
}

#[test]
fn the_built_in_catalogue_is_the_price_list() {
    let catalogue = Catalogue::try_from(file()).expect("no fault");
    assert_eq!(catalogue, Catalogue::default());
    let cost =
        |tier: &Tier, interval| catalogue.offer(tier, interval, usd()).map(|it| it.amount.minor);
    assert_eq!(cost(&Tier::STARTER, Interval::Month), Some(2_900));
    assert_eq!(cost(&Tier::STARTER, Interval::Year), Some(29_000));
    assert_eq!(cost(&Tier::PROFESSIONAL, Interval::Month), Some(9_900));
    assert_eq!(cost(&Tier::PROFESSIONAL, Interval::Year), Some(99_000));
    assert_eq!(cost(&Tier::FREE, Interval::Month), None);
    assert_eq!(cost(&Tier::ENTERPRISE, Interval::Month), None);
    assert_eq!(catalogue.latest(&Tier::STARTER).map(|it| it.trial_days), Some(14));
    assert_eq!(catalogue.tier("pro"), Some(Tier::STARTER));
    assert_eq!(catalogue.tier("nothing"), None);
    assert_eq!(catalogue.free(), Entitlements::free());
    assert!(catalogue.stands_above(&Tier::PROFESSIONAL, &Tier::STARTER));
    assert!(!catalogue.stands_above(&Tier::FREE, &Tier::STARTER));
    let packs: Vec<&str> = catalogue.packs().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(packs, ["api_calls_10000", "ai_credits_500"]);
}

#[test]
fn a_price_leads_to_its_version_by_either_name() {
    let mut file = file();
    file.prices.insert(price("herald_starter_monthly_v1"), price("price_1Abc"));
    let catalogue = Catalogue::try_from(file).expect("no fault");
    let starter = catalogue.by_price(&price("price_1Abc")).expect("known");
    assert_eq!(starter.key.to_string(), "starter v1");
    assert_eq!(catalogue.by_price(&price("herald_starter_monthly_v1")), Some(starter));
    assert_eq!(catalogue.by_price(&price("price_other")), None);
    assert_eq!(catalogue.id_of(&price("herald_starter_monthly_v1")), &price("price_1Abc"));
    let same = price("herald_starter_yearly_v1");
    assert_eq!(catalogue.id_of(&same), &same);
    assert!(catalogue.pack_by_price(&price("herald_ai_credits_500_v1")).is_some());
}

#[test]
fn a_new_version_takes_no_one_away_from_the_old_one() {
    let mut file = file();
    let mut next = file.tiers[1].clone();
    next.key.version = 2;
    next.prices.truncate(1);
    next.prices[0].price = price("herald_starter_monthly_v2");
    next.prices[0].amount.minor = 3_900;
    next.limits.networks = Quota::Limited(5);
    file.tiers.push(next);
    let catalogue = Catalogue::try_from(file).expect("no fault");
    let offered = catalogue.offer(&Tier::STARTER, Interval::Month, usd()).expect("on offer");
    assert_eq!(offered.amount.minor, 3_900);
    let bought = catalogue.by_price(&price("herald_starter_monthly_v1")).expect("still known");
    assert_eq!(bought.entitlements(), Entitlements::starter());
}

#[test]
fn a_price_buys_one_thing_for_ever() {
    let reused = faults(|file| {
        let taken = file.tiers[1].prices[0].price.clone();
        file.tiers[2].prices[0].price = taken;
    });
    let CatalogueFault::PriceTwice { first, second, .. } = &reused[0] else { panic!("{reused:?}") };
    assert_eq!((first.as_str(), second.as_str()), ("starter v1", "professional v1"));
    assert!(reused[0].to_string().contains("herald_starter_monthly_v1"));
}

#[test]
fn every_fault_is_named_at_once_with_its_entry() {
    use CatalogueFault as F;
    let found = faults(|file| {
        file.tiers[0].key.tier = Tier::named("gratis");
        file.tiers[1].trial_days = 731;
        file.tiers[1].grace_days = 61;
        file.tiers[1].prices[0].amount.minor = 0;
        file.tiers[2].key.version = 0;
        file.tiers[3].key = file.tiers[1].key.clone();
        file.packs[0].credits = 0;
        file.packs[1].name = file.packs[0].name.clone();
        file.aliases.insert("best".to_owned(), Tier::named("none"));
        file.aliases.insert("gratis".to_owned(), Tier::STARTER);
        file.prices.insert(price("misspelt"), price("price_1"));
        file.prices.insert(price("herald_starter_monthly_v1"), price("price_2"));
        file.prices.insert(price("herald_starter_yearly_v1"), price("price_2"));
        file.tiers[0].limits.trial_excluded = Features::NONE.with(Feature::Teams);
    });
    let has = |wanted: fn(&F) -> bool| assert!(found.iter().any(wanted), "{found:#?}");
    has(|it| matches!(it, F::NoFreeTier));
    has(|it| matches!(it, F::TrialTooLong { days: 731, .. }));
    has(|it| matches!(it, F::GraceTooLong { days: 61, .. }));
    has(|it| matches!(it, F::AmountNotPositive { minor: 0, .. }));
    has(|it| matches!(it, F::VersionZero { .. }));
    has(|it| matches!(it, F::VersionTwice { .. }));
    has(|it| matches!(it, F::PackEmpty { .. }));
    has(|it| matches!(it, F::PackTwice { .. }));
    has(|it| matches!(it, F::AliasOfNothing { .. }));
    has(|it| matches!(it, F::AliasIsTier { .. }));
    has(|it| matches!(it, F::IdOfNothing { .. }));
    has(|it| matches!(it, F::IdTwice { .. }));
    has(|it| matches!(it, F::ExcludedFeatureMissing { .. }));
    assert!(CatalogueFaults(found).to_string().matches("; ").count() >= 12);
    let priced = faults(|file| file.tiers[0].prices = vec![file.tiers[1].prices[0].clone()]);
    assert!(priced.iter().any(|it| matches!(it, F::FreeTierHasPrice { .. })));
}

#[test]
fn an_operator_writes_the_catalogue_in_toml() {
    let written = toml::to_string_pretty(&file()).expect("writes");
    let read: CatalogueFile = toml::from_str(&written).expect("reads");
    assert_eq!(read, file());
    let json = serde_json::to_string(&file()).expect("writes");
    assert_eq!(serde_json::from_str::<CatalogueFile>(&json).expect("reads"), file());
}

#[test]
fn the_example_of_the_documents_is_a_catalogue() {
    let document = include_str!("../../../../docs/billing.md");
    let mut examples = document.split("```toml\n").skip(1).filter_map(|it| it.split("```").next());
    let example = examples.find(|it| it.starts_with("[[tiers]]")).expect("an example");
    let shown: CatalogueFile = toml::from_str(example).expect("it has the form of the file");
    let mut whole = file();
    whole.tiers.extend(shown.tiers);
    whole.packs = shown.packs;
    whole.prices = shown.prices;
    let catalogue = Catalogue::try_from(whole).expect("no fault");
    let newest = catalogue.latest(&Tier::STARTER).expect("a starter");
    assert_eq!((newest.key.version, newest.limits.networks), (2, Quota::Limited(3)));
}

#[test]
fn a_misspelt_line_is_refused_and_not_ignored() {
    let mut written = toml::to_string_pretty(&file()).expect("writes");
    written = written.replace("seats = ", "seets = ");
    let refused = toml::from_str::<CatalogueFile>(&written).expect_err("unknown");
    assert!(refused.to_string().contains("seets"), "{refused}");
}
