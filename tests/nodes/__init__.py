"""Tests of ``clickbind.nodes``."""
