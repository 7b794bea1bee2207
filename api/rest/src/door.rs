//! What stands before every route: who asks is found out once, counted, and told where they stand.

use crate::{Rest, problem::Problem};
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use herald_graphql::http::{Charge, Door as _, Knock, RequestId};
use uuid::Uuid;

pub(crate) async fn admit(
    State(rest): State<Rest>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let id = request.extensions().get::<RequestId>().map_or_else(Uuid::nil, |id| id.0);
    let knock = Knock::read(request.headers(), &rest.cookie, &rest.origins, id)?;
    let visitor = rest.door.admit(knock.from_source(request.extensions())).await?;
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
