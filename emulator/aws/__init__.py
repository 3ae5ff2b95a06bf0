"""AWS around the functions: clients for destinations, signatures, secrets, calls, and the services behind the edge."""
