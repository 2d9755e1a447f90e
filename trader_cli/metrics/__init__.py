"""What a run was worth, in numbers with sources."""
