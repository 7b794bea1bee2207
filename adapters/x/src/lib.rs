//! X behind the social network port.
