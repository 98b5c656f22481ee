"""Test ``clickbind.journal``."""
