"""Headings and values: what a table's columns are called, and what its cells say."""
