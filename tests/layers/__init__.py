"""Tests of ``clickbind.layers``."""
