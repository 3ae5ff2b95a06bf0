"""Imports and calls across the files of a version, from names alone: no code is run, no environment is looked at."""
