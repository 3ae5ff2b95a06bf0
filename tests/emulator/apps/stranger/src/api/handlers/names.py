"""A neighbour."""

NAME = "names"
