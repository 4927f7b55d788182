"""Where things are: coordinates, datum, shapes, and whether layers agree on them."""
