"""The ``reportedly`` command. Each command loads what it needs when it runs, so that ``--help`` is quick."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def main() -> None:
    """Score how news is worded: hedging, emotive framing and unverified status, sentence by sentence."""


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="A YAML file as in configs/train.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the checkpoint; an unfinished run in it is resumed.")],
    fold: Annotated[
        int | None, typer.Option(min=0, max=4, help="Hold out this grouped fold, measure on it, and export nothing.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the configuration's seed.")] = None,
) -> None:
    """Train a checkpoint."""
    from dataclasses import replace

    from rich.console import Console

    from .training.config import ConfigError, load_config
    from .training.corpora import CorpusError
    from .training.train import train as run

    try:
        settings = load_config(config)
        record = run(settings if seed is None else replace(settings, seed=seed), output, Console(stderr=True), fold)
    except (ConfigError, CorpusError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None
    for axis, figures in record["held_out" if fold is not None else "dev"].items():
        typer.echo(f"{axis:16}" + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
