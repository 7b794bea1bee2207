//! What a plan's item would be as a post, and what its network says to that.

use herald_content_plan::ItemContent;
use herald_kernel::{InvalidText, Network};
use herald_post::{Body, Content, StepContent, rules};

/// The post that an item would become. It says that a machine wrote it, also when a person changed
/// it: that is where it comes from.
pub fn as_post(content: &ItemContent) -> Result<Content, InvalidText> {
    let segments = content.segments.iter().map(|segment| step(segment.as_str()));
    Ok(Content {
        root: step(content.text.as_str())?,
        segments: segments.collect::<Result<_, _>>()?,
        first_comment: content.first_comment.as_ref().map(|it| step(it.as_str())).transpose()?,
        made_with_ai: true,
    })
}

fn step(text: &str) -> Result<StepContent, InvalidText> {
    Ok(StepContent { text: Body::try_from(text)?, media: Vec::new() })
}

/// What `network` would refuse about an item, each with its place; the same rules as for a post.
#[must_use]
pub fn problems(network: Network, text_limit: u32, content: &ItemContent) -> Vec<(String, String)> {
    match as_post(content) {
        Ok(content) => {
            let violations = rules::violations(network, text_limit, &content);
            violations.into_iter().map(|found| (found.path, found.message)).collect()
        }
        Err(error) => vec![("text".to_owned(), error.to_string())],
    }
}
