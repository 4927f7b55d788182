"""Programmes, comparisons, sites and walking, for people, scripts and maps."""
