"""Ports of this domain on PostgreSQL, S3, the Invoke API and chat completions over HTTP."""
