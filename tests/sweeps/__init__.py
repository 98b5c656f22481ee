"""Test ``clickbind.sweeps``."""
