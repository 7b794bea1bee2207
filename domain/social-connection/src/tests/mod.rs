//! How a social connection behaves, told as histories.
