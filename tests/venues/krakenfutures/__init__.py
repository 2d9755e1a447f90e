"""Kraken's API for perpetuals in dollars, with one margin for all of them."""
