"""Everything people type, checked."""
