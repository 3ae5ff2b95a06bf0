"""Contracts on who may import whom, in the terms of import-linter, for files of any language that has imports."""
