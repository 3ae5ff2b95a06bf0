"""Imported in the middle of a call."""

NAME = "second"
