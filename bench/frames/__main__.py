"""`python -m bench.frames`: the read rate of the ticket's code by size, of its variants, and of ways to read it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from bench.frames import table
from bench.frames.rates import DOOR, PYTHON, Cell, Way, measure
from bench.frames.variants import VARIANTS
from shared.command.processes import CannotStart

LATEST = Path(__file__).parents[1] / "results" / "frames.json"
_ONE, _ALL = {"maxNumberOfSymbols": 1}, {"maxNumberOfSymbols": 8}

WAYS = (
    DOOR,
    Way("whole"),
    Way("one symbol", options=_ONE),
    Way("not tryHarder", options={**_ALL, "tryHarder": False}),
    Way("not tryRotate", options={**_ALL, "tryRotate": False}),
    Way("not tryInvert", options={**_ALL, "tryInvert": False}),
    Way("not tryDownscale", options={**_ALL, "tryDownscale": False}),
    Way("downscale from 300", options={**_ALL, "downscaleThreshold": 300, "downscaleFactor": 2}),
    Way("tryDenoise", options={**_ALL, "tryDenoise": True}),
    Way("GlobalHistogram", options={**_ALL, "binarizer": "GlobalHistogram"}),
    Way("200,000 pixels", pixels=200_000),
    Way("300,000 pixels", pixels=300_000),
    Way("500,000 pixels", pixels=500_000),
    Way("650,000 pixels", pixels=650_000),
    Way("921,600 pixels", pixels=921_600),
    Way("smooth", is_smooth=True),
    Way("smooth, 300,000", pixels=300_000, is_smooth=True),
    Way("middle 3/4", parts=(0.75,)),
    Way("middle 3/5", parts=(0.6,)),
)


def _ours(samples: int) -> list[Cell]:
    cells = measure(range(80, 301, 20), samples, ways=(DOOR, PYTHON))
    for way in (DOOR, PYTHON):
        click.echo(f"\nOur code, read by {way.name} reader: which part of {samples} frames, by side\n")
        click.echo(table.by_size([cell for cell in cells if cell.way == way.name]))
    return cells


def _variants(samples: int) -> list[Cell]:
    cells = measure((120, 140, 170, 220), samples, variants=VARIANTS)
    click.echo("\nVariants of the code, the best first; gain over ours on the same scenes ± two standard errors\n")
    click.echo(table.ranking(cells, "variant"))
    return cells


def _ways(samples: int) -> list[Cell]:
    cells = measure((110, 140, 180, 240), samples, ways=WAYS)
    click.echo("\nWays to read our code, the best first; gain over the door's ± two standard errors\n")
    click.echo(table.ranking(cells, "way"))
    return cells


STUDIES: dict[str, Callable[[int], list[Cell]]] = {"ours": _ours, "variants": _variants, "ways": _ways}


@click.command()
@click.option("--samples", default=20, show_default=True, type=click.IntRange(min=1), help="Frames for each cell.")
@click.option("--study", "names", multiple=True, type=click.Choice(list(STUDIES)), help="Only this one; repeatable.")
@click.option("--results", default=LATEST, show_default=True, type=click.Path(path_type=Path), help="Where JSON goes.")
def frames(samples: int, names: tuple[str, ...], results: Path) -> None:
    """Measure the read rate of tickets by the door's reader, on generated frames."""
    try:
        cells = {name: STUDIES[name](samples) for name in names or STUDIES}
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    results.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(
        json.dumps({name: list(map(asdict, results_of_name)) for name, results_of_name in cells.items()}) + "\n"
    )


if __name__ == "__main__":
    frames()
