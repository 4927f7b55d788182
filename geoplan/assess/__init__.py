"""The judgement: a rule and the ground put side by side."""
