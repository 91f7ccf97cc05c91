"""The declared scenario: loaded, checked, frozen."""
