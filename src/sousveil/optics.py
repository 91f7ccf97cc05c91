"""Optics of a fixed camera and the random encounter model: ranges, widths, areas of a view.

Angles in radians, lengths in metres. A field of view is a sector (any angle) or a triangle (a
rectilinear lens resolves a plane across its axis equally well everywhere; below half a turn).
"""

from __future__ import annotations

import math

DORI = {"detect": 25.0, "observe": 62.5, "recognise": 125.0, "identify": 250.0}
"""Pixels per metre that each level needs. Source: EN 62676-4, operational requirements."""
ZONES = ("sector", "triangle")


def dori_range(pixels: float, angle: float, pixels_per_m: float) -> float:
    """Distance up to which a picture `pixels` wide still has `pixels_per_m`.

    Below half a turn the lens is rectilinear: pixels / (2 pixels_per_m tan(angle / 2)); from there
    on it is taken as equiangular, with pixels / angle on every radian.
    """
    if angle < math.pi:
        return pixels / (2.0 * pixels_per_m * math.tan(angle / 2.0))
    return pixels / (pixels_per_m * angle)


def mean_width(radius: float, angle: float, zone: str = "sector") -> float:
    """Mean width over all directions of the convex hull of a field of view: its perimeter over pi.

    Source: Rowcliffe and others 2008, Journal of Applied Ecology 45, 1228-1236, whose profile width
    is r (2 + angle) / pi; Cauchy's formula for the hull above half a turn and for the triangle.
    """
    if zone == "triangle":
        _refuse_wide(angle)
        return 2.0 * radius * (1.0 / math.cos(angle / 2.0) + math.tan(angle / 2.0)) / math.pi
    if angle <= math.pi:
        return radius * (2.0 + angle) / math.pi
    return radius * (angle + 2.0 * math.sin(angle / 2.0)) / math.pi


def area(radius: float, angle: float, zone: str = "sector") -> float:
    """Area of a field of view."""
    if zone == "triangle":
        _refuse_wide(angle)
        return radius * radius * math.tan(angle / 2.0)
    return angle * radius * radius / 2.0


def _refuse_wide(angle: float) -> None:
    if angle >= math.pi:
        raise ValueError(
            f"a triangular view of {math.degrees(angle):.0f} degrees has no end: use a sector"
        )
