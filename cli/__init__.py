"""The `coderev` command."""
