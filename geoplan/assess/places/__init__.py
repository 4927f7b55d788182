"""Where each row belongs: units, residents, and the state of facilities."""
