"""The sections of a report, one file a subject; without data for it a section is left out."""
