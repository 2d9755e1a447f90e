"""Each peer's own way to do W1, run in the peers' environment (bench/.peers)."""
