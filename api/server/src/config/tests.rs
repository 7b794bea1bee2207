use super::*;
use crate::config::source::Source;

fn read(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    config(&Source::of(environment))
}

#[test]
fn without_any_setting_herald_serves_the_sandbox_on_sqlite() {
    let config = read(&[]).expect("the defaults are right");
    assert_eq!(config.mode(), Mode::Sandbox);
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(matches!(config.database, Database::Sqlite(path) if path.ends_with("herald.db")));
    assert_eq!(config.providers.x.api.as_str(), "http://127.0.0.1:8090/x/");
}

#[test]
fn production_is_never_inferred_from_what_lies_about() {
    let config = read(&[
        ("OPENAI_API_KEY", "sk-real"),
        ("X_CLIENT_SECRET", "real"),
        ("DATABASE_URL", "postgres://elsewhere/db"),
    ])
    .expect("a developer's shell");
    assert_eq!(config.mode(), Mode::Sandbox);
    assert!(matches!(config.database, Database::Sqlite(_)));
    assert_eq!(config.ignored, ["X_CLIENT_SECRET", "OPENAI_API_KEY"]);
    assert!(!format!("{config:?}").contains("real"), "a credential is never printed");
}

#[test]
fn production_without_credentials_is_not_configured_rather_than_faked() {
    let config = read(&[("HERALD_MODE", "production")]).expect("it may start");
    assert!(config.providers.x.client_id.is_none());
    assert!(config.providers.openrouter.key.is_none());
    assert_eq!(config.providers.x.api.as_str(), "https://api.x.com/");
}

#[test]
fn production_beyond_this_machine_needs_https() {
    let plain = [("HERALD_MODE", "production"), ("HERALD_PUBLIC_URL", "http://herald.example.org")];
    let error = read(&plain).expect_err("plain http").to_string();
    assert!(error.contains("HERALD_PUBLIC_URL") && error.contains("https"), "{error}");
}

#[test]
fn a_wrong_setting_names_itself_and_the_fix() {
    for (name, text) in [
        ("HERALD_LISTEN", "everywhere"),
        ("HERALD_MODE", "prod"),
        ("HERALD_DATABASE_URL", "mysql://root@localhost/x"),
        ("HERALD_DATABASE_URL", "sqlite://:memory:"),
        ("HERALD_PUBLIC_URL", "herald"),
        ("HERALD_TRUSTED_PROXIES", "proxy"),
        ("HERALD_WEBHOOK_SOURCES", "stripe"),
        ("HERALD_WEBHOOK_SOURCES", "paypal=192.0.2.0/24"),
        ("HERALD_WEBHOOK_SOURCES", "stripe=192.0.2.0/99"),
        ("HERALD_CORS_ORIGINS", "https://a.example/path"),
        ("HERALD_ROLES", "api,king"),
        ("HERALD_LOG_FORMAT", "xml"),
        ("HERALD_WAIT_SETTLE", "15"),
        ("HERALD_WAIT_SETTLE", "0s"),
        ("HERALD_WAIT_LEASE", "99999999999999999999d"),
        ("HERALD_STRATEGY_TEMPERATURE", "2.5"),
        ("HERALD_POSTS_MAX_TOKENS", "-1"),
        ("HERALD_X_NAMING", "toot"),
        ("HERALD_LIMIT_MEDIA", "0"),
        ("HERALD_LIMIT_MEDIA", "10GB"),
        ("HERALD_PARALLEL_JOBS", "many"),
        ("HERALD_PARALLEL_JOBS", "0"),
        ("HERALD_PARALLEL_JOBS", "257"),
        ("HERALD_OPEN_ACCOUNTS", "maybe"),
        ("HERALD_OPERATORS", "ada"),
        ("HERALD_GITHUB_REPOSITORIES", "some"),
        ("HERALD_TAX_TABLE", "/nowhere/taxes.toml"),
    ] {
        let error = read(&[(name, text)]).expect_err(text).to_string();
        assert!(error.starts_with(name), "{error}");
        assert!(error.contains("give ") || error.contains("set it to "), "{error}");
    }
}

#[test]
fn a_switch_takes_any_of_the_usual_words_and_no_other() {
    for (text, opens) in
        [("on", true), ("yes", true), ("true", true), ("off", false), ("no", false)]
    {
        let config = read(&[("HERALD_OPEN_ACCOUNTS", text)]).expect(text);
        assert_eq!(config.settings.identity.open_accounts, opens, "{text}");
    }
    let pool = [
        ("HERALD_MODE", "production"),
        ("AWS_COGNITO_USER_POOL_ID", "eu-central-1_aBcDeFgHi"),
        ("AWS_COGNITO_CLIENT_ID", "id"),
    ];
    let hosted = |text| read(&[&pool[..], &[("HERALD_COGNITO_HOSTED", text)]].concat());
    let on = hosted("on").expect("a switch").identity.cognito.expect("a pool");
    assert!(on.hosted);
    let error = hosted("Yes!").expect_err("no word for on").to_string();
    assert!(error.starts_with("HERALD_COGNITO_HOSTED"), "{error}");
}

#[test]
fn the_sandbox_says_of_every_credential_that_it_leaves_it_alone() {
    let given = SETTINGS.iter().filter(|it| it.credential).map(|it| (it.name, "real"));
    let given: Vec<_> = given.collect();
    let config = read(&given).expect("a developer's shell");
    assert_eq!(config.ignored, given.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for name in ["AWS_SECRET_ACCESS_KEY", "CLERK_CLIENT_SECRET", "HERALD_OIDC_SECRETS"] {
        assert!(config.ignored.contains(&name), "{name}");
    }
}

#[test]
fn a_password_in_an_address_is_never_printed() {
    let url = "postgres://herald:CANARY@db/herald";
    let config = read(&[("HERALD_DATABASE_URL", url)]).expect("right");
    assert!(!format!("{config:?}").contains("CANARY"));
}

#[test]
fn a_temperature_is_read_without_rounding() {
    for (text, expected) in [("0", 0), ("0.7", 70), ("0.75", 75), ("2", 200), ("1.", 100)] {
        assert_eq!(hundredths(text), Some(expected), "{text}");
    }
    for text in ["", "x", "0.755", "-1", "2.01", "0.+5"] {
        assert_eq!(hundredths(text), None, "{text}");
    }
}

#[test]
fn every_setting_is_in_the_documentation() {
    let documented = include_str!("../../../../docs/configuration.md");
    for name in SETTINGS.iter().map(|it| it.name) {
        assert!(
            documented.contains(&format!("`{name}`")),
            "{name} is not in docs/configuration.md"
        );
    }
}

#[test]
fn tax_is_worked_out_in_one_of_two_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("taxes.toml");
    std::fs::write(&path, "seller = \"DE\"\nrates = { DE = [\"txr_1\"] }\n").expect("written");
    let path = path.display().to_string();
    let table = ("HERALD_TAX_TABLE", &*path);
    let billing = ("HERALD_BILLING", "on");
    assert!(read(&[billing, table]).is_ok());
    let both = read(&[billing, table, ("HERALD_AUTOMATIC_TAX", "on")]).expect_err("one of two");
    assert!(both.to_string().starts_with("HERALD_TAX_TABLE"), "{both}");
    assert!(both.to_string().contains("HERALD_AUTOMATIC_TAX=off"), "{both}");
    std::fs::write(&path, "seller = \"Germany\"\nrates = {}\n").expect("written");
    let wrong = read(&[billing, table]).expect_err("no country").to_string();
    assert!(wrong.contains("two letters"), "{wrong}");
}
