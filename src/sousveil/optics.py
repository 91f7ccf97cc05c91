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


def view_angle(focal_mm: float, sensor_mm: float) -> float:
    """Angle of view of a rectilinear lens before a sensor of this width."""
    return 2.0 * math.atan(sensor_mm / (2.0 * focal_mm))


def lens_range(focal_mm: float, sensor_mm: float, pixels: float, pixels_per_m: float) -> float:
    """Distance up to which `pixels` across a sensor still give `pixels_per_m`; any level of DORI.

    Source: Axis, Camera reach, appendix B: focal length x pixels / (width of the sensor x pixels a
    metre).
    """
    return dori_range(pixels, view_angle(focal_mm, sensor_mm), pixels_per_m)


def random_cover(count: float, radius: float, ground: float) -> tuple[float, float]:
    """(sum, union) share of a ground of area `ground` within `radius` of `count` random places.

    The sum is what adding circles up would claim; independent places overlap, and together they
    cover 1 - exp(-sum) (Poisson).
    """
    claimed = count * math.pi * radius * radius / ground
    return claimed, -math.expm1(-claimed)


def _refuse_wide(angle: float) -> None:
    if angle >= math.pi:
        raise ValueError(
            f"a triangular view of {math.degrees(angle):.0f} degrees has no end: use a sector"
        )
