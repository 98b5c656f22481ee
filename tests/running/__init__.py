"""Test ``clickbind.running``."""
