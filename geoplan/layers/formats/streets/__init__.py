"""Streets from OpenStreetMap: extracts, saved graphs, downloads."""
