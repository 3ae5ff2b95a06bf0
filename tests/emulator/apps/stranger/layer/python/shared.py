"""A layer."""

NAME = "shared"
