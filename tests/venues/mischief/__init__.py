"""Misbehaviour on demand: `script.py` says when, `acts.py` what, `spoilers.py` how candles are spoilt."""
