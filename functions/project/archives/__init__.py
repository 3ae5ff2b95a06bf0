"""Archives from strangers: read front to back, bounded in every direction, never written under their names."""
