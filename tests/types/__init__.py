"""Tests of ``clickbind.types``."""
