//! The schema over a real storage engine: what clients see of the main job.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod api_keys;
#[cfg(test)]
mod following;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod posts;
#[cfg(test)]
mod world;
