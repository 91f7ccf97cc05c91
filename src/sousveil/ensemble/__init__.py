"""Members, what-ifs, intervals, verdicts."""
