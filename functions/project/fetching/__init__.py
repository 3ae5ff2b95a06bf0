"""Code from git hosts: received within bounds, read without a checkout, never run."""
