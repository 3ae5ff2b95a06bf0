"""An HTTP API (API Gateway, version 2) and function URLs: routes, events, authorizers, answers."""
