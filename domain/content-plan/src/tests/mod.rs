//! How a content plan behaves, told as histories.
