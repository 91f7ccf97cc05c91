"""The figures of the report: one grammar in `base`, one family of figures a file."""
