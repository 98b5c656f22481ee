"""Test ``clickbind.runs``."""
