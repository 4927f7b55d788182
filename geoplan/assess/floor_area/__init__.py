"""The area rule: which floor area counts, for whom, against what is owed."""
