//! The routes over a real storage engine: what providers hear, and what others hear who try.

#[cfg(test)]
mod calls;
#[cfg(test)]
mod world;
