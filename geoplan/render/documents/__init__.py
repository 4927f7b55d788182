"""The JSON documents that scripts read."""
