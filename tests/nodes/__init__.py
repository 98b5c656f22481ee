"""Test ``clickbind.nodes``."""
