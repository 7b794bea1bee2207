//! Changes of view rows, several in one statement.

use crate::errors::failed;
use herald_application::ports::{Ordinal, StoreError, ViewChange, ViewDocument};
use sqlx::{Postgres as Engine, Transaction, types::Json};
use std::collections::BTreeMap;

const PUT: &str = "
    INSERT INTO views (view, version, id, account_id, status, at, text, folded, doc, ordinal)
    SELECT * FROM UNNEST($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[],
                         $6::timestamptz[], $7::text[], $8::text[], $9::jsonb[], $10::bigint[])
    ON CONFLICT (view, version, id) DO UPDATE SET
        account_id = excluded.account_id, status = excluded.status, at = excluded.at,
        text = excluded.text, folded = excluded.folded, doc = excluded.doc,
        ordinal = excluded.ordinal";

const REMOVE: &str = "
    DELETE FROM views WHERE (view, version, id) IN
        (SELECT * FROM UNNEST($1::text[], $2::integer[], $3::text[]))";

/// A row's key: view, version, id.
type Key<'a> = (&'a str, i32, &'a str);
/// What a row becomes.
type Row<'a> = (Key<'a>, &'a ViewDocument, Ordinal);

/// Applies `changes`; of several for one row the last one counts.
pub(crate) async fn apply(
    tx: &mut Transaction<'_, Engine>,
    changes: &[ViewChange],
) -> Result<(), StoreError> {
    let mut last: BTreeMap<Key<'_>, _> = BTreeMap::new();
    for change in changes {
        match change {
            ViewChange::Put { view, version, document, ordinal } => {
                last.insert((view, *version, &document.id), Some((document, *ordinal)));
            }
            ViewChange::Remove { view, version, id } => {
                last.insert((view, *version, id), None);
            }
        }
    }
    let (mut puts, mut removes) = (Vec::new(), Vec::new());
    for (key, change) in last {
        match change {
            Some((document, ordinal)) => puts.push((key, document, ordinal)),
            None => removes.push(key),
        }
    }
    if !puts.is_empty() {
        put(tx, &puts).await?;
    }
    if !removes.is_empty() {
        remove(tx, &removes).await?;
    }
    Ok(())
}

async fn put(tx: &mut Transaction<'_, Engine>, rows: &[Row<'_>]) -> Result<(), StoreError> {
    let documents = || rows.iter().map(|(_, document, _)| *document);
    sqlx::query(PUT)
        .bind(rows.iter().map(|((view, _, _), _, _)| *view).collect::<Vec<_>>())
        .bind(rows.iter().map(|((_, version, _), _, _)| *version).collect::<Vec<_>>())
        .bind(rows.iter().map(|((_, _, id), _, _)| *id).collect::<Vec<_>>())
        .bind(documents().map(|d| d.account.map(|id| id.to_string())).collect::<Vec<_>>())
        .bind(documents().map(|d| d.status.as_str()).collect::<Vec<_>>())
        .bind(documents().map(|d| d.at.to_utc()).collect::<Vec<_>>())
        .bind(documents().map(|d| d.text.as_str()).collect::<Vec<_>>())
        .bind(documents().map(|d| d.text.to_lowercase()).collect::<Vec<_>>())
        .bind(documents().map(|d| Json(&d.doc)).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, _, ordinal)| ordinal.0).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}

async fn remove(tx: &mut Transaction<'_, Engine>, keys: &[Key<'_>]) -> Result<(), StoreError> {
    sqlx::query(REMOVE)
        .bind(keys.iter().map(|(view, _, _)| *view).collect::<Vec<_>>())
        .bind(keys.iter().map(|(_, version, _)| *version).collect::<Vec<_>>())
        .bind(keys.iter().map(|(_, _, id)| *id).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await
        .map(|_| ())
        .map_err(failed)
}
