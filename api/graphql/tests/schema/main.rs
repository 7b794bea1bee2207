//! The schema over a real storage engine: what clients see of the main job.

mod accounts;
mod following;
mod pages;
mod posts;
mod world;
