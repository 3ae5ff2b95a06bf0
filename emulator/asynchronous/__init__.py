"""Asynchronous invokes: stored before they are acknowledged, delivered by the rules of Lambda."""
