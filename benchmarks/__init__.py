"""Benchmarks comment and never block: `make bench`, or `make bench ARGS=viewshed`."""
