"""`python -m benchmarks`: speed beside other tools; or `viewshed`, `executor`, `pairing`."""

from __future__ import annotations

import argparse
import importlib

BENCHMARKS = ("speed", "viewshed", "executor", "pairing")


def read() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"{' or '.join(BENCHMARKS)}; speed by default")
    parser.add_argument("--persons", type=float, default=1e5, help="of model S, such as 1e6")
    parser.add_argument("--quick", action="store_true", help="in under three minutes, roughly")
    parser.add_argument("--threads", type=int, help="of our engines; all by default")
    parser.add_argument("--no-peers", action="store_true", help="our engines alone")
    parser.add_argument("--no-national", action="store_true", help="model S alone")
    parser.add_argument("--docs", action="store_true", help="write the results into the docs")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"{unknown[0]}: expected {' or '.join(BENCHMARKS)}")
    return asked


def main() -> None:
    """Run what is asked for."""
    asked = read()
    for name in asked.names or ["speed"]:
        print(f"== {name}")
        if name != "speed":
            importlib.import_module(f"benchmarks.{name}").main()
            continue
        from benchmarks import speed

        others = {"threads": asked.threads} if asked.threads else {}
        speed.main(
            speed.options(
                asked.persons,
                asked.quick,
                peers=not asked.no_peers,
                national=not asked.no_national,
                docs=asked.docs,
                **others,
            )
        )


if __name__ == "__main__":
    main()
