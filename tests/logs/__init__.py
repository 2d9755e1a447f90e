"""Tests of logs and secrets."""
