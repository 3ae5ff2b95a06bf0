"""Roles, schemas and migrations of PostgreSQL."""
