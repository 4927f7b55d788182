"""What searches and bounds are made of: the clock, the solver, prices, exchanges, who covers whom."""
