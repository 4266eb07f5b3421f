"""The web process's server: Daphne, that leaves in good order and does not outrun its clients."""
