"""A small HTTP/1.1 server: what the gateway, the Lambda API and the console stand on."""
