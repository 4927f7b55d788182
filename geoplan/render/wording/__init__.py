"""What every medium says alike: names, labels, values, rules."""
