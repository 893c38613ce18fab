"""`bowlby variance`: where differences between simulated people come from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told, progress_bars, remember_compiled

if TYPE_CHECKING:
    import pandas as pd


@app.command()
def variance(
    people: Annotated[int, typer.Option(help="People of each population.", min=64)] = 512,
    seeds: Annotated[
        int, typer.Option(help="Seeds the intervals are over.", min=1, max=50)
    ] = 5,
    out: Annotated[Path, typer.Option(help="Folder to write; must not exist.")] = Path(
        "variance"
    ),
) -> None:
    """Say what the variance of every score belongs to, and how far methods agree.

    Two populations that share one source alone (constitution, early care, later relationships,
    load, chance) have in common what that source explains; method, occasion and error are those
    of the instruments. Writes variance.csv and variance.png (shares), matrix.csv and matrix.png
    (multitrait-multimethod matrix) and agreement.csv (beside published agreement of methods).

    `bowlby variance --people 256 --seeds 2` is a first look (a few minutes).
    """
    with problems_told(needs="simulate"):
        from bowlby.evidence import variance as v
        from bowlby.figures.style import figure_png
        from bowlby.figures.variance import matrix_of_methods, shares_of_variance
        from bowlby.runs.folder import new_folder
        from bowlby.runs.manifest import made_by, write_manifest
        from bowlby.theory.instruments import instruments

        remember_compiled()
        steps = seeds * (1 + len(v.SOURCES))
        with new_folder(out) as staging, progress_bars() as progress:
            done = iter(range(1, steps + 1))
            found = [
                v.shares_of(
                    people, seed, on_step=lambda: progress("Populations", next(done), steps)
                )
                for seed in range(1, seeds + 1)
            ]
            shares = v.over_seeds([share for share, _ in found])
            matrix = v.matrix_of([table for _, table in found])
            agreed = v.published_agreement(matrix)
            methods = {
                name: f"{row.method}, {row.informant}" for name, row in instruments().items()
            }
            shares.to_csv(staging / "variance.csv", index=False, float_format="%.4f")
            matrix.to_csv(staging / "matrix.csv", float_format="%.4f")
            agreed.to_csv(staging / "agreement.csv", index=False, float_format="%.4f")
            figures = {
                "variance.png": shares_of_variance(shares, v.TITLES),
                "matrix.png": matrix_of_methods(matrix, methods),
            }
            for name, figure in figures.items():
                (staging / name).write_bytes(figure_png(figure))
            about = {"people": people, "seeds": list(range(1, seeds + 1))}
            write_manifest(staging / "run.json", made_by("variance", o.command_line()) | about)
    _tell(shares, agreed, out)


def _tell(shares: "pd.DataFrame", agreed: "pd.DataFrame", out: Path) -> None:
    from bowlby.evidence.variance import TITLES

    wide = shares.pivot_table(index="score", columns="source", values="share", sort=False)
    header = "  ".join(f"{title:>12.12}" for title in TITLES.values())
    typer.echo(f"{'per cent of the variance':<28}{header}")
    for name, row in wide.iterrows():
        cells = "  ".join(f"{100 * row[source]:>12.0f}" for source in TITLES)
        typer.echo(f"{name!s:<28}{cells}")
    typer.echo("\nAgreement of methods (r), model beside published:")
    for row in agreed.itertuples():
        typer.echo(f"  {row.first} with {row.second}: {row.model:.2f} ({row.published:.2f})")
    typer.echo(f"\nResults of a model, not evidence about people. Tables and pictures: {out}/")
