//! What stands before every route: who asks is found out once, counted, and told where they stand.

use crate::{Rest, problem::Problem};
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use herald_door::{Charge, Door as _, Knock, RequestId, TurnedAway};
use uuid::Uuid;

/// Lets in whoever has a good credential, and whoever has none; a cookie that is not good (any more)
/// is dropped with the answer.
pub async fn admit(State(rest): State<Rest>, request: Request, next: Next) -> Response {
    let knock = match knock(&rest, &request) {
        Ok(knock) => knock,
        Err(reason) => return Problem::from(reason).into_response(),
    };
    let by_cookie = knock.is_by_cookie();
    match enter(&rest, knock, request, next).await {
        Ok(response) => response,
        Err(reason) => {
            let dropping = reason.dropping(&rest.cookie, by_cookie);
            let mut response = Problem::from(reason).into_response();
            response.headers_mut().extend(dropping);
            response
        }
    }
}

/// Lets everybody in as nobody: before the routes that begin a session. What a browser still keeps of
/// an earlier one must not stand in its way.
pub(crate) async fn receive(
    State(rest): State<Rest>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let knock = Knock { credential: None, ..knock(&rest, &request)? };
    Ok(enter(&rest, knock, request, next).await?)
}

fn knock(rest: &Rest, request: &Request) -> Result<Knock, TurnedAway> {
    let id = request.extensions().get::<RequestId>().map_or_else(Uuid::nil, |id| id.0);
    let knock = Knock::read(request.headers(), &rest.cookie, &rest.origins, id)?;
    Ok(knock.from_source(request.extensions()))
}

async fn enter(
    rest: &Rest,
    knock: Knock,
    mut request: Request,
    next: Next,
) -> Result<Response, TurnedAway> {
    let visitor = rest.door.admit(knock).await?;
    let operation = operation(&request);
    let charge = Charge { operation: &operation, fields: 1 };
    let standing = rest.door.charge(&visitor, charge).await?;
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await.into_response();
    response.headers_mut().extend(standing);
    Ok(response)
}

/// Our own name of the operation, for the count of who used what: `GET /posts/{post}`.
fn operation(request: &Request) -> String {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    format!("{} {path}", request.method())
}
