"""Ports of this domain on PostgreSQL, the name service, and AES."""
