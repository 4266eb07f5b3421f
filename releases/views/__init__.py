"""Pages about releases, and those that show them."""
