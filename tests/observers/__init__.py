"""Tests of `clickbind.observers`."""
