//! Views: pages by keyset, and never another account's documents.

use super::projections::write;
use crate::{
    Storage,
    samples::{account, at, document},
};
use herald_application::ports::{Direction, Page, ViewDocument, ViewQuery};

fn query(direction: Direction, limit: u32) -> ViewQuery {
    ViewQuery {
        view: "posts".to_owned(),
        version: 1,
        account: account(1),
        statuses: Vec::new(),
        from: None,
        to: None,
        search: None,
        page: Page { after: None, direction, limit },
    }
}

async fn ids(storage: &Storage, query: &ViewQuery) -> Vec<String> {
    let page = storage.stores.views.list(query).await.expect("a page");
    page.documents.into_iter().map(|document| document.id).collect()
}

async fn walk(storage: &Storage, mut query: ViewQuery) -> Vec<ViewDocument> {
    let mut documents: Vec<ViewDocument> = Vec::new();
    loop {
        let page = storage.stores.views.list(&query).await.expect("a page");
        documents.extend(page.documents);
        query.page.after = documents.last().map(|last| (last.at, last.id.clone()));
        if !page.more {
            return documents;
        }
    }
}

pub async fn a_view_is_read_in_pages_both_ways(storage: Storage) {
    // Some share an instant, so that the id decides.
    let given: Vec<_> =
        (0..9).map(|n| document(&format!("id-{n}"), Some(account(1)), n / 3)).collect();
    write(&storage, given.iter().rev().cloned().collect()).await;
    for limit in [1, 2, 4, 9, 100] {
        let ascending = walk(&storage, query(Direction::Ascending, limit)).await;
        assert_eq!(ascending, given, "pages of {limit}");
        let descending = walk(&storage, query(Direction::Descending, limit)).await;
        assert!(descending.iter().eq(given.iter().rev()), "pages of {limit}");
    }
    let exact = storage.stores.views.list(&query(Direction::Ascending, 9)).await.expect("a page");
    assert!(!exact.more);
}

pub async fn another_accounts_documents_are_not_there(storage: Storage) {
    let (mine, theirs) = (document("a", Some(account(1)), 1), document("b", Some(account(2)), 2));
    write(&storage, vec![mine.clone(), theirs, document("c", None, 3)]).await;
    let views = &storage.stores.views;
    assert_eq!(views.get("posts", 1, account(1), "a").await, Ok(Some(mine)));
    for (owner, id) in [(1, "b"), (1, "c"), (2, "a"), (2, "c"), (3, "a")] {
        assert_eq!(views.get("posts", 1, account(owner), id).await, Ok(None), "{owner} {id}");
    }
    assert_eq!(views.get("posts", 2, account(1), "a").await, Ok(None));
    assert_eq!(views.get("plans", 1, account(1), "a").await, Ok(None));
    assert_eq!(ids(&storage, &query(Direction::Ascending, 100)).await, ["a"]);
    assert_eq!(views.count(&query(Direction::Ascending, 1), 100).await, Ok(1));
}

pub async fn a_search_ignores_case_and_takes_wildcards_literally(storage: Storage) {
    let texts =
        ["Grüße an ALLE", "100% sicher", "100 Prozent", "under_score", r"back\slash", "GRÜNE"];
    let documents = texts.iter().zip(0..).map(|(text, n)| ViewDocument {
        text: (*text).to_owned(),
        ..document(text, Some(account(1)), n)
    });
    write(&storage, documents.collect()).await;
    for (search, expected) in [
        ("grü", vec!["Grüße an ALLE", "GRÜNE"]),
        ("GRÜSSE", vec![]),
        ("an alle", vec!["Grüße an ALLE"]),
        ("%", vec!["100% sicher"]),
        ("_", vec!["under_score"]),
        (r"K\S", vec![r"back\slash"]),
        ("'; DROP TABLE views; --", vec![]),
    ] {
        let search = Some(search.to_owned());
        let query = ViewQuery { search: search.clone(), ..query(Direction::Ascending, 100) };
        assert_eq!(ids(&storage, &query).await, expected, "{search:?}");
        let count = storage.stores.views.count(&query, 100).await.expect("a count");
        assert_eq!(usize::try_from(count), Ok(expected.len()));
    }
}

pub async fn a_list_filters_by_status_and_time(storage: Storage) {
    let documents = ["draft", "scheduled", "published"].iter().zip(1..).map(|(status, n)| {
        ViewDocument { status: (*status).to_owned(), ..document(status, Some(account(1)), n) }
    });
    write(&storage, documents.collect()).await;
    let all = query(Direction::Ascending, 100);
    let statuses = vec!["draft".to_owned(), "published".to_owned()];
    let by_status = ViewQuery { statuses, ..all.clone() };
    assert_eq!(ids(&storage, &by_status).await, ["draft", "published"]);
    let by_time = ViewQuery { from: Some(at(2)), to: Some(at(3)), ..all.clone() };
    assert_eq!(ids(&storage, &by_time).await, ["scheduled"]);
    let by_both = ViewQuery { from: Some(at(2)), ..by_status };
    assert_eq!(ids(&storage, &by_both).await, ["published"]);
}

pub async fn counting_stops_at_the_cap(storage: Storage) {
    let documents = (0..5).map(|n| document(&n.to_string(), Some(account(1)), n));
    write(&storage, documents.collect()).await;
    let all = query(Direction::Ascending, 1);
    assert_eq!(storage.stores.views.count(&all, 3).await, Ok(3));
    assert_eq!(storage.stores.views.count(&all, 50).await, Ok(5));
}

pub async fn the_worker_reads_documents_of_every_account(storage: Storage) {
    let documents = vec![
        document("a", Some(account(1)), 3),
        document("b", Some(account(2)), 1),
        ViewDocument { status: "published".to_owned(), ..document("c", None, 2) },
    ];
    write(&storage, documents.clone()).await;
    let views = &storage.stores.views;
    let status = ["draft".to_owned()];
    let drafts = views.list_unscoped("posts", 1, &status, None, 10).await.expect("a list");
    assert_eq!(drafts.iter().map(|document| &document.id).collect::<Vec<_>>(), ["b", "a"]);
    let first = views.list_unscoped("posts", 1, &status, None, 1).await.expect("a list");
    assert_eq!(first.len(), 1);
    let last = first.first().map(|document| (document.at, document.id.clone()));
    let rest = views.list_unscoped("posts", 1, &status, last.as_ref(), 10).await.expect("a list");
    assert_eq!(rest.iter().map(|document| &document.id).collect::<Vec<_>>(), ["a"]);
    assert_eq!(views.get_unscoped("posts", 1, "c").await, Ok(documents.into_iter().nth(2)));
    assert_eq!(views.get_unscoped("posts", 2, "c").await, Ok(None));
}
