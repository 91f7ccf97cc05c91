"""The stock of cameras in working order: what was brought in, less what has worn out."""

from __future__ import annotations

import math

from sousveil.world.parameters import StockParameters

TOTAL = "total"


def build_stock(parameters: StockParameters, year: int) -> dict[str, float]:
    """Cameras in working order at the end of `year` by use, and "total"."""
    if parameters.counted:
        return {**parameters.counted, TOTAL: sum(parameters.counted.values())}
    total = working(imports_by_year(parameters, year), parameters.attrition, year)
    shares = dict(parameters.use_share)
    named = sum(shares.values())
    if named > 1:
        shares = {use: share / named for use, share in shares.items()}
    remainder = parameters.remainder_use
    shares[remainder] = shares.get(remainder, 0.0) + max(0.0, 1.0 - named)
    return {**{use: share * total for use, share in shares.items()}, TOTAL: total}


def imports_by_year(parameters: StockParameters, year: int) -> dict[int, float]:
    """Cameras brought in each year up to and with `year`, recorded or not."""
    result = {int(key): value for key, value in parameters.imports.items() if int(key) <= year}
    if parameters.unrecorded_imports > 0:
        for each in range(_first_unrecorded(parameters), year + 1):
            result[each] = result.get(each, 0.0) + parameters.unrecorded_imports
    return result


def working(imports: dict[int, float], attrition: float, year: int) -> float:
    """Cameras of yearly cohorts that still work at the end of `year`.

    sum over t of imports(t) exp(-attrition (year - t + 1/2)): a cohort comes in at mid-year.
    """
    return math.fsum(n * math.exp(-attrition * (year - t + 0.5)) for t, n in imports.items())


def _first_unrecorded(parameters: StockParameters) -> int:
    if parameters.unrecorded_from is not None:
        return int(parameters.unrecorded_from)
    if not parameters.imports:
        raise ValueError(
            "stock.unrecorded_imports needs stock.unrecorded_from where no imports are recorded"
        )
    return max(int(key) for key in parameters.imports) + 1
