"""Who somebody is: users, organisations, sessions, tokens, and the authorizer before every route."""
