"""Comparisons of two variants: which of them reviews better, by which measure."""
