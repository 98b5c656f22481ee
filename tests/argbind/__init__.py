"""Tests of ``clickbind.argbind``."""
