"""What a project depends on, read from its manifests and lock files: a module a format, parsers that are well kept."""
