"""Tests of ``clickbind.declare``."""
