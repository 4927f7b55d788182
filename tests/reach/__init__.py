"""Who can walk where."""
