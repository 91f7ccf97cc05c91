"""The procedures that a case may name: the folder is the list, each file declares its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sousveil.validate.model import Procedure


@lru_cache(maxsize=1)
def procedures() -> Mapping[str, Procedure]:
    """Every procedure of this folder by name, in alphabetical order."""
    found: dict[str, Procedure] = {}
    for module in pkgutil.iter_modules(__path__):
        declared: tuple[Procedure, ...] = importlib.import_module(
            f"{__name__}.{module.name}"
        ).PROCEDURES
        for procedure in declared:
            if procedure.name in found:
                raise ValueError(f"two procedures are called {procedure.name}")
            found[procedure.name] = procedure
    return MappingProxyType(dict(sorted(found.items())))
