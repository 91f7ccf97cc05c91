"""Run the benchmarks that are named, or all: every module of this folder with a `main`."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks

names = sys.argv[1:] or [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
for name in names:
    if name == "__main__":
        continue
    main = getattr(importlib.import_module(f"benchmarks.{name}"), "main", None)
    if main is not None:
        print(f"== {name}")
        main()
