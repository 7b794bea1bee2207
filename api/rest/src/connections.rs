//! Connections. Making one needs a browser, so here they are only seen.

use crate::{
    Rest,
    address::Query,
    asking::Asking,
    problem::Answer,
    reading::{Listed, Wanted, list as page},
};
use axum::{Json, extract::State};
use herald_account::Action;
use herald_application::views::connections::{ConnectionDoc, NAME};
use herald_kernel::{ConnectionId, Instant};
use serde::Serialize;

/// A connection as people see it.
#[derive(Debug, Serialize)]
pub(crate) struct Connection {
    id: ConnectionId,
    network: &'static str,
    status: &'static str,
    handle: Option<String>,
    display_name: Option<String>,
    next_action: Option<String>,
    created_at: Instant,
}

impl Connection {
    fn of(doc: &ConnectionDoc) -> Self {
        Self {
            id: doc.id,
            network: doc.network.as_str(),
            status: doc.status.as_str(),
            handle: doc.handle.clone(),
            display_name: doc.display_name.clone(),
            next_action: doc.next_action.clone(),
            created_at: doc.created_at,
        }
    }
}

pub(crate) async fn list(
    State(rest): State<Rest>,
    asking: Asking,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Listed<Connection>>> {
    let read = (Action::ReadConnections, NAME);
    Ok(Json(page((&rest, &asking), read, wanted, Connection::of).await?))
}
