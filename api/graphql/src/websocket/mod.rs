//! Subscriptions, queries and mutations over a WebSocket, in the protocol `graphql-transport-ws`.
//!
//! The older protocol that calls itself `graphql-ws` is refused: its greeting can be skipped.

mod conversation;
mod message;
mod seats;

use crate::http::{Endpoint, Format, Problem};
use async_graphql::Executor;
use axum::{
    body::Body,
    extract::{FromRequestParts as _, Request, WebSocketUpgrade},
    http::{
        HeaderMap, Response, StatusCode,
        header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    },
    response::IntoResponse as _,
};
use conversation::Conversation;
use herald_door::{Charge, Door, Knock, RequestId, TurnedAway};
pub use seats::Seats;
use std::sync::Arc;

const PROTOCOL: &str = "graphql-transport-ws";

/// Does the client want to change to a WebSocket?
pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

pub(crate) async fn accept<E: Executor, D: Door>(
    endpoint: Arc<Endpoint<E, D>>,
    request: Request,
    id: RequestId,
) -> Response<Body> {
    let (mut head, _) = request.into_parts();
    if !offers_protocol(&head.headers) {
        let message = "speak the WebSocket sub-protocol `graphql-transport-ws`";
        let problem = Problem::new(StatusCode::BAD_REQUEST, "SUBPROTOCOL_REFUSED", message);
        return problem.into_response(Format::Json);
    }
    // A cookie is sent by the browser, whoever's page it is; so the page is looked at now.
    let knock = match Knock::read(&head.headers, &endpoint.cookie, &endpoint.origins, id.0) {
        Ok(knock) => knock.from_source(&head.extensions),
        Err(reason) => return Problem::from(reason).into_response(Format::Json),
    };
    if let Err(reason) = charge(&endpoint.door, &knock).await {
        return Problem::from(reason).into_response(Format::Json);
    }
    let Some(seat) = endpoint.seats.take(knock.source) else {
        let message = "too many open WebSockets; try again later";
        let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
        problem.retry_after = Some(5);
        return problem.into_response(Format::Json);
    };
    let most = endpoint.limits.body;
    match WebSocketUpgrade::from_request_parts(&mut head, &()).await {
        Ok(upgrade) => {
            upgrade.protocols([PROTOCOL]).max_message_size(most).max_frame_size(most).on_upgrade(
                move |socket| async move {
                    Conversation::new(endpoint, socket, knock, id).run().await;
                    drop(seat);
                },
            )
        }
        Err(rejection) => rejection.into_response(),
    }
}

/// Who it is comes later, in the greeting: until then everybody is a stranger, and counts as one.
async fn charge<D: Door>(door: &D, knock: &Knock) -> Result<(), TurnedAway> {
    let stranger = door.admit(Knock { credential: None, ..knock.clone() }).await?;
    door.charge(&stranger, Charge { operation: "websocket", fields: 1 }).await.map(|_| ())
}

fn offers_protocol(headers: &HeaderMap) -> bool {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let offers = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    offers.into_iter().any(|offer| offer.trim() == PROTOCOL)
}
