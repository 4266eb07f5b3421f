"""Looks for a release's secret values in the image that was built for it."""
