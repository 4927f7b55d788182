"""Which rows of a table are records, and why the others are not."""
