"""Excel workbooks of every age."""
