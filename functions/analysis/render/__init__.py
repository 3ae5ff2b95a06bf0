"""The artifacts of an analysis, as bytes."""
