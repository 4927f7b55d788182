"""The public edition: which counts are withheld, and what else is left out."""
