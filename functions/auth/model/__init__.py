"""People, sessions, keys and their rules. Standard library only."""
