"""The journals that commands are asked about."""

from tests.journal.conftest import events, journal, original

__all__ = ["events", "journal", "original"]
