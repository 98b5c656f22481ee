"""Test ``clickbind.record``."""
