"""Rows held to the contract of their layer: typed, consistent, with nothing personal."""
