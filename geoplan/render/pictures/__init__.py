"""The maps as pictures, on paper sizes."""
