"""Tests of the page of recorded runs."""
