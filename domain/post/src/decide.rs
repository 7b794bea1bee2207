//! Every rule about a post: a command in, facts or a typed refusal out.

use crate::{Command, Context, Event, Post, Refusal};
use herald_kernel::Decider;

impl Decider for Post {
    const STREAM: &'static str = "post";
    type Context = Context;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, _command: Command, _context: &Context) -> Result<Vec<Event>, Refusal> {
        Err(Refusal::NotCreated)
    }

    fn evolve(&mut self, _event: &Event) {}
}
