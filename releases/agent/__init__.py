"""The agent: one process that follows the engine and reports. It changes nothing; no deploy depends on it."""
