"""A WebSocket API (API Gateway, version 2): connections, their events, and `@connections`."""
