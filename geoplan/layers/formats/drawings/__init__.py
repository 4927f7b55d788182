"""Drawings and lists of points: CAD, Google Earth, 界址点."""
