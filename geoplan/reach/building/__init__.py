"""From street centre lines to a network, and what was found on the way."""
