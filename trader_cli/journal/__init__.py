"""Where a session writes what it did."""
