"""Tests of ``clickbind.calls``."""
