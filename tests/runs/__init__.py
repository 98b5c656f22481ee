"""Tests of ``clickbind.runs``."""
