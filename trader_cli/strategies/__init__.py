"""One strategy a file, its parameters beside it."""
