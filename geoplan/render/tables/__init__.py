"""The tables of an assessment and of an inspection."""
