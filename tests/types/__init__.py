"""Test ``clickbind.types``."""
