"""Venues: one family a file."""
