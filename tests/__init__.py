"""Tests of clickbind."""
