"""Tests of ``clickbind.cli``."""
