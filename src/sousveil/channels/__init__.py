"""The channels: the folder is the list, a file that defines CHANNEL is found."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from sousveil.channels.base import Channel


@lru_cache(maxsize=1)
def channels() -> dict[str, Channel]:
    """Every channel of this folder by name, in alphabetical order."""
    found: dict[str, Channel] = {}
    for module in sorted(item.name for item in pkgutil.iter_modules(__path__)):
        if module == "base":
            continue
        channel: Channel = importlib.import_module(f"{__name__}.{module}").CHANNEL
        if channel.name != module:
            raise ValueError(
                f"channels/{module}.py declares the name {channel.name!r}: use {module!r}"
            )
        found[module] = channel
    return found
