"""Vector files: what GDAL and pyarrow read, behind a gate."""
