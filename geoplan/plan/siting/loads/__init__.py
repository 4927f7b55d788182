"""Sites with capacities, least loads or a budget: answers, bounds by prices, proofs."""
