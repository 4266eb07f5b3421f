"""Why a release failed: facts gathered at once, a catalogue of causes that match on them, and what would fix it."""
