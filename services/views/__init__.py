"""Pages that need no releases."""
