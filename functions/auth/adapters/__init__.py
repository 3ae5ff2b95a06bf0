"""Ports of this domain on PostgreSQL, Redis, Argon2 and Ed25519; each module imports only what it needs."""
