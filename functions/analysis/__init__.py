"""Analyses: files measured, findings and their lifecycle, the code graph."""
