"""Forms in the bureaus' own columns."""
