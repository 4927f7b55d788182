"""Zips: what is inside, and how much may come out."""
