"""One module a model without load limits."""
