"""Tests of ``clickbind.record``."""
