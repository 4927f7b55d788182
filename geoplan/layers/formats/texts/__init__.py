"""Text tables: encodings, separators, quotes, rows that do not fit."""
