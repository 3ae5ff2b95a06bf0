"""Problems over the versions of a project: which finding is which problem, and what becomes of it. Pure rules."""
