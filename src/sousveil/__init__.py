"""Sousveil: an open, quantitative model of state surveillance."""

__version__ = "0.1.0"
