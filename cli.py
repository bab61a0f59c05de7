"""The ``reportedly`` command. Each command loads what it needs when it runs, so that ``--help`` is quick."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .archive.inputs import Format, UsageError, errors_beside
from .model.axes import AXES, Axis, Voice, checked_thresholds
from .model.backends.choice import BackendChoice, BackendError

# plain help: the ornate one takes as long to import as all the rest
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="AXIS=P",
        help="Flag an axis from another probability on than the stored one, as in emotive=0.7. Repeatable, or several "
        "with commas between.",
    ),
]


class EngineChoice(StrEnum):
    """Where an archive is scored."""

    LOCAL = "local"
    RAY = "ray"


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"reportedly {version('reportedly')}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Score how news is worded: hedging, emotive framing and unverified status, sentence by sentence."""


_EXIT = """Exit status: 0 done, also where some records could not be read (they are listed as errors and counted at
the end); 1 done, but not one article could be scored; 2 the command, the checkpoint or the output is wrong, nothing
was changed; 3 stopped by --strict; 4 stopped by a fault (disk full, an input lost); 130 stopped by Ctrl-C; 143 by
SIGTERM. After 4, 130, 143 and after any kill, the same command with --resume goes on where it ended; after 3, without
--strict."""


@app.command(epilog=_EXIT)
def score(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Files, folders, globs, or - for standard input: .jsonl .ndjson .csv .tsv .parquet .txt .html .warc, "
            "each plain or with .gz, .zst or .bz2.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="A file .parquet or .jsonl of sentence rows; or a folder, for Parquet shards of sentences, "
            "articles and errors. docs/schema.md lists the columns.",
        ),
    ],
    articles: Annotated[
        Path | None, typer.Option(help="With one file: also one row per article, into this .parquet or .jsonl.")
    ] = None,
    text_field: Annotated[str, typer.Option(help="Field of the text; a dotted name (body.text) is nested.")] = "text",
    id_field: Annotated[
        str | None,
        typer.Option(help="Field of the document id. [default: id where there is one, else source:position]"),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Carry a field through to the tables; NAME=FIELD renames it. Repeatable, "
            "or several with commas between.",
        ),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="Of files with another ending, and of standard input, which is jsonl by default."),
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint folder. [default: the shipped one]")] = None,
    backend: Annotated[
        BackendChoice,
        typer.Option(
            help="What runs the network: openvino (extra fast), torch (in bf16 or fp16 where it is native), exact "
            "(torch in fp32), or the fastest that is there. The summary at the end says which it was."
        ),
    ] = BackendChoice.AUTO,
    threshold: ThresholdOption = None,
    engine: Annotated[
        EngineChoice,
        typer.Option(
            help="Score in this process, or with workers on the Ray cluster that RAY_ADDRESS names (extra ray; without "
            "an address, on this machine). Checkpoint, inputs and output have to be where all its nodes see them."
        ),
    ] = EngineChoice.LOCAL,
    workers: Annotated[
        int | None, typer.Option(min=1, help="With --engine ray. [default: one per GPU, or per 8 cores without any]")
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Score the I-th of N parts of the archive, each into an output of its own: for job arrays without "
            "Ray. `summary` takes all of them at once.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the job that the output holds, if any.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the job that the output holds.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first record that cannot be read.")] = False,
    max_article_mb: Annotated[
        float, typer.Option(min=0.001, help="Larger articles (lines, pages, files; unpacked) are listed as errors.")
    ] = 4,
    shard_articles: Annotated[
        int, typer.Option(min=1, help="Articles per shard: what is scored again after a kill, at most.")
    ] = 2000,
) -> None:
    """Score every sentence of an archive of articles."""
    import time
    import traceback
    from contextlib import ExitStack
    from functools import partial

    from rich.console import Console

    from .archive.closing import closing
    from .archive.cluster import ClusterError, ray_cluster, require_shared
    from .archive.inputs import find_inputs
    from .archive.job import InterruptedJobError, Part, Settings, StrictError, in_process
    from .archive.loading import load_scorer
    from .archive.output import output_at
    from .archive.progress import Bar
    from .archive.readers import InputLostError, require_extras
    from .archive.records import Reading
    from .archive.run import run
    from .archive.signals import TerminatedError, stop_requests
    from .model.loading import CheckpointError

    if workers and engine is not EngineChoice.RAY:
        raise typer.BadParameter("only with --engine ray", param_hint="--workers")
    console = Console(stderr=True, highlight=False, soft_wrap=True)

    def stopped(reason: str, status: int, remedy: str = "the same command with --resume goes on") -> typer.Exit:
        console.print(f"reportedly: {reason}\nFinished shards are kept: {remedy}.", markup=False)
        return typer.Exit(status)

    try:
        place = output_at(output, articles)
        try:
            inputs = find_inputs(paths, format, exclude=place.places)
        except OSError as error:  # nothing is begun yet
            raise UsageError(f"{error.filename}: cannot be read: {error.strerror}") from None
        require_extras(inputs.files)
        reading = Reading(text_field, id_field, _kept(keep or []), round(max_article_mb * 1e6))
        settings = Settings(reading, shard_articles, part=None if part is None else Part.parse(part))
        for what, count in inputs.left_out.items():
            console.print(f"left out: {count:,} {what}", markup=False)

        load = partial(load_scorer, checkpoint, backend, _thresholds(threshold or []))
        with ExitStack() as stack:
            if engine is EngineChoice.RAY:
                require_shared(inputs.files)
                cluster = stack.enter_context(ray_cluster(load, workers, partial(console.print, markup=False)))
                model, engine_of = cluster.model, cluster.engine
            else:
                scorer, model = load()
                engine_of = partial(in_process, scorer)
            started = time.monotonic()
            stop = stack.enter_context(
                stop_requests(lambda: console.print("finishing the shard in hand; Ctrl-C again stops at once"))
            )
            share = sum(file.size for file in inputs.files) // (settings.part.of if settings.part else 1)
            bar = stack.enter_context(Bar(console, share))
            report = run(
                inputs,
                place,
                settings,
                model,
                engine_of(bar),
                resume=resume,
                overwrite=overwrite,
                strict=strict,
                stop=stop,
            )
    except (UsageError, CheckpointError, BackendError) as error:
        console.print(f"reportedly: {error}", markup=False)
        raise typer.Exit(2) from None
    except StrictError as error:
        remedy = "--resume without --strict goes on; where the input is mended, --overwrite begins anew"
        raise stopped(f"stopped by --strict at {error}", 3, remedy) from None
    except InputLostError as error:
        raise stopped(f"an input is lost, {error}", 4) from None
    except (ClusterError, OSError, RuntimeError) as error:  # the last from an engine, out of memory say
        raise stopped(f"cannot go on: {error}", 4) from None
    except (InterruptedJobError, KeyboardInterrupt):
        raise stopped("stopped by Ctrl-C", 130) from None
    except TerminatedError:
        raise stopped("stopped by SIGTERM", 143) from None
    except Exception:
        traceback.print_exc()
        raise stopped("stopped by a mistake in reportedly itself; please report the lines above", 4) from None

    for line in closing(report, place, reading, model.backend, time.monotonic() - started):
        console.print(line, markup=False)
    if not report.totals.articles:
        raise typer.Exit(1)


def _kept(wanted: list[str]) -> tuple[tuple[str, str], ...]:
    """``NAME=FIELD`` or ``FIELD``, several with commas between, as pairs of name and field.

    Raises
    ------
    UsageError
        Where a name is empty, or there is more than one ``=``.
    """
    kept = []
    for option in wanted:
        for one in option.split(","):
            parts = [part.strip() for part in one.split("=")]
            if len(parts) > 2 or not all(parts):
                raise UsageError(f"--keep {option!r}: {one!r} is neither FIELD nor NAME=FIELD")
            kept.append((parts[0], parts[-1]))
    return tuple(kept)


def _voices(wanted: str) -> list[Voice]:
    try:
        return [Voice(one.strip()) for one in wanted.split(",")]
    except ValueError:
        raise UsageError(f"--voice {wanted!r}: expected some of {', '.join(Voice)}") from None


def _require_elsewhere(place: Path, scores: Path) -> None:
    if scores.resolve() in (place.resolve(), *place.resolve().parents):
        raise UsageError(f"{place}: is among the scores, which are only read; name another place")


def _require_page(place: Path, option: str) -> None:
    if place.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{option} {place}: a page is written, expected a name that ends in .html")


def _thresholds(wanted: list[str]) -> dict[Axis, float]:
    """``AXIS=P``, several with commas between.

    Raises
    ------
    UsageError
        Where there is no such axis, or ``P`` is no probability.
    """
    try:
        pairs = (one.partition("=") for option in wanted for one in option.split(","))
        return dict(checked_thresholds({Axis(axis.strip()): float(value) for axis, _, value in pairs}))
    except ValueError:
        raise UsageError(
            f"--threshold {' '.join(wanted)!r}: expected AXIS=P, with P from 0 to 1 and one of {', '.join(AXES)}"
        ) from None


@app.command()
def summary(
    scores: Annotated[
        list[Path], typer.Argument(help="What `reportedly score` wrote: a folder, .parquet or .jsonl; one or several.")
    ],
    by: Annotated[
        str,
        typer.Option(
            help="Kept columns to group by, with commas between. year, month and day are made from the date; "
            "the last one is the horizontal axis of the plot."
        ),
    ],
    date: Annotated[str, typer.Option(help="Kept column that holds the date.")] = "date",
    date_format: Annotated[
        str | None,
        typer.Option(
            help="How dates are written, as in %d/%m/%Y. [default: 2031-04-11, 2031/4/11, 11 Apr 2031, April 11, 2031, "
            "those of e-mails, seconds since 1970]"
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(help="Count sentences in these voices only: writer, quoted, mixed, with commas between."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="VALUE",
            help="Also show by how much each group differs from the one with VALUE in the first column of --by and the "
            "same in the others.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write the figures as a table, .parquet or .jsonl.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Also write a self-contained HTML page with charts.")] = None,
) -> None:
    """Show how framing moves by kept columns: share and mean per axis, with 95 % intervals over articles."""
    from .archive.differences import compare
    from .archive.estimates import require_table, write_estimates
    from .archive.manifest import is_unfinished
    from .archive.plot import lines, render
    from .archive.summary import scored_unlike, summarise, undated

    columns = list(dict.fromkeys(map(str.strip, by.split(","))))
    errors = [errors_beside(table) for table in scores if table.is_file()]
    scores = [table for table in scores if table not in errors]  # a pattern names both
    try:
        for place in filter(None, (output, plot)):
            for table in scores:
                _require_elsewhere(place, table)
        if plot is not None:
            _require_page(plot, "--plot")
        if output is not None:
            require_table(output, columns)
        for table in filter(is_unfinished, scores):
            typer.echo(f"{table}: an unfinished job, of which this is a part; score with --resume first", err=True)
        voices = () if voice is None else _voices(voice)
        groups = summarise(scores, columns, date, date_format, voices)
        if against is not None:
            groups = compare(groups, against, columns[0])
        if output is not None:
            write_estimates(output, groups, columns, voices)
        if plot is not None:
            plot.parent.mkdir(parents=True, exist_ok=True)
            source = scores[0].name + (f" and {len(scores) - 1} more" if len(scores) > 1 else "")
            plot.write_text(render(groups, columns, source, voices, against), encoding="utf-8")
    except (UsageError, OSError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None
    for line in lines(groups, columns, against):
        typer.echo(line)
    for note in (*undated(groups, columns), *scored_unlike(scores, groups, columns)):
        typer.echo(note, err=True)
    if foreign := sum(group.foreign for group in groups):
        apart = "" if "language" in columns else "; --by language sets them apart"
        typer.echo(
            f"not English: {foreign:,} of the {sum(group.articles for group in groups):,} articles; "
            f"their scores mean nothing{apart}",
            err=True,
        )


@app.command()
def highlight(
    article: Annotated[
        str, typer.Argument(metavar="ARTICLE", help="A file of any kind that `score` reads, a folder of them, or -.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page, .html.")],
    id: Annotated[
        str | None, typer.Option(help="Which article, where there are several. [default: the first that can be read]")
    ] = None,
    text_field: Annotated[str, typer.Option(help="Field of the text; a dotted name (body.text) is nested.")] = "text",
    id_field: Annotated[str | None, typer.Option(help="Field of the document id. [default: id]")] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="Of a file with another ending, and of standard input, which is jsonl by default."),
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint folder. [default: the shipped one]")] = None,
    threshold: ThresholdOption = None,
) -> None:
    """Show one article as a page, its evidence marked by axis, strength and voice."""
    from .archive.readers import InputLostError
    from .archive.records import Reading
    from .archive.single import find_article
    from .model.highlight import highlight as render
    from .model.loading import CheckpointError
    from .model.scorer import Scorer
    from .model.text import shown

    try:
        _require_page(output, "--output")
        found, failure = find_article(article, Reading(text_field, id_field), id, format, exclude=[output])
        scorer = Scorer.from_pretrained(checkpoint, thresholds=_thresholds(threshold or []))
        page = render(scorer.document(found.text), title=found.id, model=scorer.checkpoint.hash)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except (UsageError, CheckpointError, InputLostError, OSError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None
    if id is None and (failure or found.source != article):
        reason = f"{failure}; shown instead" if failure else "shown"
        typer.echo(f"{reason}: the article {shown(found.id)!r} of {shown(found.source)}", err=True)
    typer.echo(output)


@app.command("eval")
def evaluate(
    model: Annotated[
        str | None,
        typer.Argument(
            help="A checkpoint folder (by default the shipped one), a baseline (wordlist, lexicon, tfidf, majority), "
            "a .jsonl file of predictions, or, with --label-map, a Hugging Face model."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for predictions, results.json and the report.")
    ] = Path("runs/report"),
    corpus: Annotated[
        str,
        typer.Option(
            help="invented, news3, conll2010_bio, babe, checkthat_subj_en, or the path of your labels (JSONL)."
        ),
    ] = "invented",
    split: Annotated[str | None, typer.Option(help="Split of invented or news3. [default: test]")] = None,
    label_map: Annotated[
        str | None,
        typer.Option(help="For a Hugging Face model: LABEL=axis pairs with commas between, as in LABEL_1=emotive."),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Bootstrap resamples of the articles.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the resampling and of the words erased at random.")] = 0,
) -> None:
    """Measure a model on labelled sentences and write a report."""
    from .eval.benchmarks import BENCHMARKS
    from .eval.corpus import CorpusError
    from .eval.predictors import BASELINES
    from .eval.predictors.huggingface import LabelMapError
    from .eval.readers import WITH_SPLITS
    from .eval.report.pages import interval
    from .eval.run import run_eval, run_on_benchmark
    from .model.loading import CheckpointError

    if split is not None and corpus not in WITH_SPLITS:
        raise typer.BadParameter(f"only of {' and '.join(WITH_SPLITS)}", param_hint="--split")
    scored_by_another = model is not None and model not in BASELINES and not model.endswith(".jsonl")
    if corpus in BENCHMARKS and not (model is None or scored_by_another):
        raise typer.BadParameter(f"of a checkpoint only, on {corpus}", param_hint="MODEL")
    if label_map is not None and (corpus in BENCHMARKS or not scored_by_another):
        raise typer.BadParameter("only for a Hugging Face model, and for graded sentences", param_hint="--label-map")
    try:
        if corpus in BENCHMARKS:
            measured = run_on_benchmark(model, corpus, output)
            typer.echo(f"{measured['protocol']}; published: {measured['published']}")
            for part, figures in measured["figures"].items():
                told = (f"{name} {interval(figures[name], 3)}" for name in ("fitted", "stored"))
                typer.echo(f"{part:16}threshold {'  '.join(told)}")
            return
        results = run_eval(model, corpus, split or "test", output, labels=label_map, resamples=resamples, seed=seed)
    except (CheckpointError, CorpusError, LabelMapError, OSError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None
    for axis, found in results["systems"]["model"]["axes"].items():
        f1, precision = (found["measures"][name]["value"] for name in ("f1", "average_precision"))
        told = ("–" if value is None else f"{value:.3f}" for value in (f1, precision))
        typer.echo("{:16}F1 {}  average precision {}".format(axis, *told))
    typer.echo(f"{output / 'report.html'}")


@app.command()
def compare(
    one: Annotated[Path, typer.Argument(help="A folder that `reportedly eval` wrote.")],
    other: Annotated[Path, typer.Argument(help="Another, on the same corpus.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for comparison.json and .md.")] = None,
) -> None:
    """Put two evaluated models side by side, with paired intervals and tests."""
    from .eval.corpus import CorpusError
    from .eval.run_compare import run_compare

    try:
        typer.echo(run_compare(one, other, output), nl=False)
    except (CorpusError, OSError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="A YAML file as in configs/train.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the checkpoint; an unfinished run in it is resumed.")
    ],
    fold: Annotated[
        int | None, typer.Option(min=0, max=4, help="Hold out this grouped fold and measure on it.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Instead of the configuration's seed.")] = None,
) -> None:
    """Train a checkpoint."""
    from dataclasses import replace

    from rich.console import Console
    from safetensors import SafetensorError

    from .training.config import ConfigError, load_config
    from .training.corpora import CorpusError
    from .training.train import train as run

    try:
        settings = load_config(config)
        record = run(settings if seed is None else replace(settings, seed=seed), output, Console(stderr=True), fold)
    except (ConfigError, CorpusError, OSError, SafetensorError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None
    for axis, figures in record["held_out" if fold is not None else "dev"].items():
        typer.echo(f"{axis:16}" + "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))


@app.command()
def benchmark(
    config: Annotated[Path, typer.Argument(help="A YAML file as in configs/train/benchmarks.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder of the finished runs; an unfinished one in it is resumed.")
    ],
    results: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the records: figures, and every look at a test. "
            "[default: training/results/benchmarks of the repository]"
        ),
    ] = None,
    dev_only: Annotated[
        bool, typer.Option("--dev-only", help="Measure the dev parts and leave test and record alone.")
    ] = False,
) -> None:
    """Train on a published benchmark by its protocol, measure, and keep no weights."""
    from rich.console import Console
    from safetensors import SafetensorError

    from .training.benchmarks import RESULTS, run_benchmark
    from .training.config import ConfigError, load_benchmark
    from .training.corpora import CorpusError

    try:
        settings, console = load_benchmark(config), Console(stderr=True)
        record = run_benchmark(settings, output, console, results or RESULTS, dev_only=dev_only)
    except (ConfigError, CorpusError, OSError, SafetensorError) as error:
        typer.echo(f"reportedly: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{record['title']}; runs: {len(record['runs'])}, measured on: {record['measured']}")
    for name, figure in record["figures"].items():
        deviation = "" if figure["deviation"] is None else f" ± {figure['deviation']:.3f}"
        typer.echo(f"{name:20}{figure['mean']:.3f}{deviation}")
    for one in record["published"]:
        size = f" ({one['parameters']} M parameters)" if one["parameters"] else ""
        typer.echo(f"{'published':20}{one['value']:.3f}  {one['system']}{size}")
