"""What was measured, in lines, tables and a chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PAGE = Path("docs/explanation/speed.md")
CHART = Path("docs/images/speed.svg")
START, END = "<!-- results start -->", "<!-- results end -->"
MILLION = 1e6


def rounded(value: float) -> str:
    """A number with about three digits, never in powers of ten."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def worst(row: dict[str, Any]) -> float:
    """The largest distance from an expectation, in standard deviations."""
    return max((abs(z) for z in row["distances"].values()), default=0.0)


def one_line(row: dict[str, Any]) -> str:
    """A contestant while the others are waited for."""
    judged = "" if row["right"] else " WRONG:"
    return (
        f"{row['name']}: {rounded(row['effective'] / MILLION)} M person-hours/s, "
        f"{row['hours']:,} h in {row['seconds']:.2f} s,{judged} |z| <= {worst(row):.1f}"
    )


def national_line(row: dict[str, Any]) -> str:
    """An engine on the national scenario."""
    head = f"national, {row['engine']}, scale {row['scale']:g}"
    if "failed" in row:
        return f"{head}: {row['failed']}"
    return f"{head}: {row['seconds']:.2f} s, {row['peak_mib']:,.0f} MiB"


def machine_line(where: dict[str, Any]) -> str:
    """Where and when."""
    return (
        f"{where['date']}, {where['processor']}, {where['threads']} threads, "
        f"Python {where['python']}, {where['system']}, load {where['load']} at the start"
    )


def limit_line(limit: dict[str, Any]) -> str:
    """The limit of the generator and what is reached."""
    one, many = limit["words_one_thread"] / 1e9, limit["words_all_threads"] / 1e9
    line = (
        f"Philox 4x32-10, summed by a loop: {one:.2f} (one thread) and {many:.2f} billion words a "
        f"second; eight counters at once: {limit['by_eight'] / 1e9:.2f}"
    )
    if "share" in limit:
        line += (
            f"; hourly draws {limit['hours'] / 1e9:.2f} billion hours a byte each, "
            f"{limit['for_bytes'] / 1e9:.2f} billion words, and {limit['for_the_rest'] / 1e9:.2f} "
            f"billion words for low bytes, points and roll calls, at {limit['share']:.0%} of that "
            f"loop by the clock, at {limit['share_of_cpu']:.0%} by processor time, and at "
            f"{limit['share_by_eight']:.0%} of eight at once"
        )
    return line


def fastest(rows: list[dict[str, Any]], start: str) -> float:
    """Effective person-hours a second of the fastest contestant of that name; 0 without any."""
    return max((r["effective"] for r in rows if r["name"].startswith(start) and "effective" in r),
               default=0.0)  # fmt: skip


def model_s(found: dict[str, Any]) -> list[str]:
    """The table of model S."""
    rows = found["model_s"]
    ours = {name: fastest(rows, f"Sousveil, {name}") for name in ("events", "hourly")}
    lines = [
        "| implementation | version | hours run | seconds | CPU s | effective M person-h/s "
        "| executed M/s | `events` is faster by | `hourly` by | peak MiB | largest abs(z) |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {row['name']} | {row['failed']} |" + " |" * 9)
            continue
        speed = row["effective"]
        executed = rounded(row["executed"] / row["seconds"] / MILLION)
        if row["name"] == "Sousveil, events":
            executed += " (events)"
        ratios = " | ".join(rounded(ours[name] / speed) for name in ours)
        judged = f"{worst(row):.1f}" if row["right"] else f"**{worst(row):.1f}: wrong**"
        lines.append(
            f"| {row['name']} | {row['version']} | {row['hours']:,} | {row['seconds']:.2f} "
            f"| {row['cpu']:.2f} | {rounded(speed / MILLION)} | {executed} | {ratios} "
            f"| {row['peak_mib']:,.0f} | {judged} |"
        )
    return lines


def country(found: dict[str, Any]) -> list[str]:
    """The table of the national scenario."""
    lines = [
        "| engine | share of the units | persons simulated | seconds | M person-h/s | peak MiB |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["national"]:
        if "failed" in row:
            lines.append(f"| {row['engine']} | {row['scale']:g} | {row['failed']} | | | |")
            continue
        speed = row["persons"] * row["hours"] / row["seconds"] / MILLION
        persons = f"{row['persons']:,}" if row["engine"] != "expected" else "no chance, all"
        lines.append(
            f"| `{row['engine']}` | {row['scale']:g} | {persons} | {row['seconds']:.2f} "
            f"| {rounded(speed)} | {row['peak_mib']:,.0f} |"
        )
    return lines


def growth(found: dict[str, Any]) -> list[str]:
    """The table of what the time hangs on."""
    grown = found["growth"]
    if "failed" in grown:
        return [f"Growth was not measured: {grown['failed']}"]
    lines = ["| what grows | seconds of `events` |", "|---|---|"]
    for what in ("persons", "hours", "channels", "members"):
        cells = "; ".join(f"{label}: {seconds:.2f}" for label, seconds in grown[what])
        lines.append(f"| {what} | {cells} |")
    return lines


def markdown(found: dict[str, Any]) -> str:
    """Everything as Markdown."""
    note = " A quick run: one repeat, short." if found["quick"] else ""
    crowd = found["growth"]["crowd"]
    parts = [
        [f"Measured: {machine_line(found['machine'])}.{note}"],
        [f"### Model S, {found['persons']:,} persons"],
        model_s(found),
        [limit_line(found["limit"]) + "."],
    ]
    if found["national"]:
        parts += [["### The national scenario, one member, every channel"], country(found)]
    parts += [
        [f"### How the time grows: model S, {crowd:,} persons and a year unless said"],
        growth(found),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def into_docs(found: dict[str, Any], text: str) -> None:
    """Put the results between the marks of the page, and draw the chart."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    _, after = rest.split(END)
    picture = f"![Bars: person-hours a second of every implementation](../images/{CHART.name})"
    PAGE.write_text(f"{before}{START}\n\n{picture}\n\n{text}\n{END}{after}", encoding="utf-8")
    draw(found)


def draw(found: dict[str, Any]) -> None:
    """The speeds as bars on a scale of powers of ten."""
    import altair as alt
    import polars as pl

    rows = [
        {
            "name": row["name"],
            "speed": row["effective"] / MILLION,
            "whose": "ours" if row["name"].startswith("Sousveil") else "others",
            "label": rounded(row["effective"] / MILLION),
        }
        for row in found["model_s"]
        if "effective" in row
    ]
    order = [row["name"] for row in sorted(rows, key=lambda row: -row["speed"])]
    base = alt.Chart(pl.DataFrame(rows)).encode(
        y=alt.Y("name:N", sort=order, title=None),
        x=alt.X("speed:Q", scale=alt.Scale(type="log"), title="million person-hours a second"),
    )
    colours = alt.Scale(domain=["ours", "others"], range=["#0b5c8a", "#9aa5ad"])
    bars = base.mark_bar().encode(
        x2=alt.datum(0.1), color=alt.Color("whose:N", scale=colours, legend=None)
    )
    words = base.mark_text(align="left", dx=4).encode(text="label:N")
    title = f"Model S, {found['persons']:,} persons ({found['machine']['date']})"
    CHART.parent.mkdir(exist_ok=True)
    (bars + words).properties(width=460, title=title).save(CHART)
