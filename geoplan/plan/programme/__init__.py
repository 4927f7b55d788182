"""A multi-year programme: which gaps are closed how, when and at what cost."""
