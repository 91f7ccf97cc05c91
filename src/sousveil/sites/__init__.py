"""Positions that an operator has published in an open country: read, checked, never given back."""
