"""The indicators of a plan, each judged by its measure."""
