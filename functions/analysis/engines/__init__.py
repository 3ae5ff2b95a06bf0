"""The engines of an analysis: they read one content at a time inside a bounded child process."""
