"""Use cases: projects and uploads begin in `requests`, content arrives in `intake`, versions in `publishing`."""
