"""Who may come in: users, sessions, and the middleware that stands before everything that is served."""
