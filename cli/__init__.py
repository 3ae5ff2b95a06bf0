"""The `coderev` command: a thin client of the API, and the starter of the local platform."""
