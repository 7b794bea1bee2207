//! A local stand-in for the providers: their real HTTP, with faults on demand.
