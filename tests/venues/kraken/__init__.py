"""Kraken's REST API for spot."""
