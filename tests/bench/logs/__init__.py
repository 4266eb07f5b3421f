"""`make bench-logs`: from a line that a build prints to the line that a browser shows."""
