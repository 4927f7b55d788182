"""What makes an answer certain: exact flows, counts and trees, and why there is none."""
