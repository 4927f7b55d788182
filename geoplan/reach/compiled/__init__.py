"""The inner loops, compiled by numba."""
