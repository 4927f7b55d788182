"""The arithmetic: exact numbers and arrays in, numbers out.

No geometry, no files, no numbers of the law; shares are between 0 and 1.
"""
