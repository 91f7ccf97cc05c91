"""The options of `sousveil run`, as its help shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of the run; runs/SCENARIO-SEED if not given."),
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, max=2**32 - 1, help="Decides every chance.")]
Members = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=0,
        max=999_999,
        help="Draws of the ensemble; 128 if not given, 0 for central values without ranges.",
    ),
]
Scale = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        min=0,
        max=1,
        help="Share of the units that the sampled run simulates; some seconds' work if not given.",
    ),
]
WhatIf = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[+NAME]",
        help="A what-if beside the base; all if not given, `none` for the base alone.",
    ),
]
AsOf = Annotated[int | None, typer.Option(metavar="YEAR", help="The year of the base.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="PATH=VALUE", help="A value of your own; page 1 of the report says so."
    ),
]
Study = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="sensitivity, attribution or discovery.")
]
Points = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Base points of the study of sensitivity; 1,024 if not given, fewer for a first look.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="events, hourly or expected, for the central run and the members."
    ),
]
Method = Annotated[
    str, typer.Option(metavar="NAME", help="Design of the members: latin_hypercube or sobol.")
]
Device = Annotated[str, typer.Option(metavar="NAME", help="auto, cpu or gpu.")]
Threads = Annotated[
    int | None, typer.Option(metavar="N", min=1, max=1024, help="At once; all cores if not given.")
]
ClusterAddress = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A dask scheduler, such as tcp://host:8786.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where a run stopped.")]
