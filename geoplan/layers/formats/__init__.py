"""One module a kind of file; each gives a ``RawTable`` and knows nothing of what it means."""
