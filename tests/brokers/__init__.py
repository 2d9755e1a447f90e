"""The public side of the venues."""
