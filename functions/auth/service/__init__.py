"""Use cases: one function each, in modules named by what they are about."""
