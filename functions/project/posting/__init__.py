"""What is told at a code host: read from an analysis, put into safe words, and said through the host's API."""
