"""New housing projects: stages, phases, the four synchronisations."""
