//! Changes of view rows, several in one statement.

use crate::errors::failed;
use herald_application::ports::{Ordinal, StoreError, ViewChange, ViewDocument};
use serde_json::{Value, json};
use sqlx::{Sqlite as Engine, Transaction};
use std::collections::BTreeMap;

const PUT: &str = "
    INSERT INTO views (view, version, id, account_id, status, at, text, folded, doc, ordinal)
    SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4,
           e.value ->> 5, e.value ->> 6, e.value ->> 7, e.value ->> 8, e.value ->> 9
      FROM json_each(?1) e WHERE true
    ON CONFLICT (view, version, id) DO UPDATE SET
        account_id = excluded.account_id, status = excluded.status, at = excluded.at,
        text = excluded.text, folded = excluded.folded, doc = excluded.doc,
        ordinal = excluded.ordinal";

const REMOVE: &str = "
    DELETE FROM views WHERE (view, version, id) IN
        (SELECT e.value ->> 0, e.value ->> 1, e.value ->> 2 FROM json_each(?1) e)";

/// Applies `changes`; of several for one row the last one counts.
pub(crate) async fn apply(
    tx: &mut Transaction<'_, Engine>,
    changes: &[ViewChange],
) -> Result<(), StoreError> {
    let mut last = BTreeMap::new();
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
    for ((view, version, id), change) in last {
        match change {
            Some((document, ordinal)) => puts.push(row(view, version, document, ordinal)),
            None => removes.push(json!([view, version, id])),
        }
    }
    for (sql, rows) in [(PUT, puts), (REMOVE, removes)] {
        if !rows.is_empty() {
            let rows = Value::Array(rows).to_string();
            sqlx::query(sql).bind(rows).execute(&mut **tx).await.map_err(failed)?;
        }
    }
    Ok(())
}

fn row(view: &str, version: i32, document: &ViewDocument, ordinal: Ordinal) -> Value {
    json!([
        view,
        version,
        document.id,
        document.account,
        document.status,
        document.at.micros(),
        document.text,
        document.text.to_lowercase(),
        document.doc.to_string(),
        ordinal
    ])
}
