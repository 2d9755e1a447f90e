"""The exchange behind every front end: it knows no venue's language."""
