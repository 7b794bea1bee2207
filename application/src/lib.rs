//! What happens: use cases, processes and views over the domain and its ports.
