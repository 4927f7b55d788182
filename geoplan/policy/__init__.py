"""What must hold: policies as data."""
