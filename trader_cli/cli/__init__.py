"""The command line: one command a file; `render` is the only place that prints."""
