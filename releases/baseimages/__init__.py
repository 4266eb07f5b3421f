"""Base images: already on the engine, else from their registry, else built from Debian packages of the same version."""
