"""What may be ordered: limits, planning and the review every order passes."""
