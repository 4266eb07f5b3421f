"""Measurements that `make bench-...` takes and writes into the README. No test of the suites: they take minutes."""
