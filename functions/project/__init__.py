"""Projects, what is uploaded to them, and their versions: immutable states of a code base."""
