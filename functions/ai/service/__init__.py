"""Use cases: a review from the event that asks for it to the one that tells of it."""
