"""Tests of ``clickbind.fast``."""
