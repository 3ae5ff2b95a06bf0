"""Providers of language models: who answers for an organisation, and with which sealed key."""
