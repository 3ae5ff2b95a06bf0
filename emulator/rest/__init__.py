"""A REST API (API Gateway, version 1): routes, events, authorizers, answers."""
