"""The ends of a 95 % range, as shares and in standard deviations of a normal law."""

from __future__ import annotations

LOW, HIGH = 0.025, 0.975
NORMAL_95 = 1.959963984540054
