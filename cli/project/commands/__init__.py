"""What the commands take; what they do is imported when it is needed, so that `--help` is quick."""
