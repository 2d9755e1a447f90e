"""Binance's spot API, and what its futures have in common with it."""
