"""Numbers with a meaning, made from tallies."""
