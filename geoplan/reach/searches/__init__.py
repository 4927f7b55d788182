"""Searches along streets: from where they begin to what they find."""
