"""`reportedly eval`: predictions, then results, then the report, each written from the one before."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..model.loading import CheckpointError
from .behaviour import run as run_behaviour
from .benchmarks import run_benchmark
from .corpus import Corpus, CorpusError
from .evaluate import evaluate
from .predictions import Predictions, read_predictions, write_predictions
from .predictors import BASELINES, FITTED, checkpoint, huggingface
from .provenance import provenance
from .readers import open_corpus
from .report import write_report
from .resampling import RESAMPLES
from .results import BENCHMARK, RESULTS, plain, write_results

PREDICTIONS = "predictions"
_FITTED_LEFT_OUT = (
    "How far a learnt baseline gets: the learnt lexicon and TF-IDF learn from these very sentences and are left out. "
    "The probabilities of the word list and of the majority answer are rates counted on them."
)


def run_eval(
    model: str | None,
    corpus_name: str,
    split: str,
    output: Path,
    *,
    labels: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Evaluate a model on a corpus and write predictions, results and report.

    Parameters
    ----------
    model
        A checkpoint folder (the shipped one for ``None``), the name of a baseline, a ``.jsonl`` file of predictions,
        or, with ``labels``, a Hugging Face model.
    labels
        ``LABEL=axis`` pairs for a Hugging Face model.

    Raises
    ------
    CorpusError
        Where the corpus or the predictions are not well formed, have no axis in common, or the baseline that is to be
        measured learns from this very split.
    """
    started = time.perf_counter()
    corpus = open_corpus(corpus_name, split)
    learned_from = _training(corpus)
    fitted_on_it = learned_from.hash == corpus.hash
    if fitted_on_it and model in FITTED:
        raise CorpusError(f"{model} learns from {corpus.name} {corpus.split} itself; give another --split")
    learnt = f"The learnt lexicon and TF-IDF learn from the {learned_from.split} split of {learned_from.name}."
    corpus = replace(corpus, notes=(*corpus.notes, _FITTED_LEFT_OUT if fitted_on_it else learnt))
    system, behaviour = _predict(model, labels, corpus, learned_from, seed)
    baselines = {
        name: predict(learned_from, corpus)
        for name, predict in BASELINES.items()
        if name != model and not (fitted_on_it and name in FITTED)
    }
    for name, predictions in {"model": system, **baselines}.items():
        write_predictions(output / PREDICTIONS / f"{name}.jsonl", predictions, corpus)
    measured = evaluate(
        corpus,
        system,
        baselines,
        training=_cue_sources(learned_from),
        behaviour=behaviour,
        resamples=resamples,
        seed=seed,
    )
    seconds = time.perf_counter() - started
    results = plain({"schema": measured["schema"], "provenance": provenance(seed, resamples, seconds), **measured})
    write_results(output / RESULTS, results)
    write_report(output, results)
    return results


def run_on_benchmark(model: str | None, name: str, output: Path) -> dict[str, Any]:
    """Measure a checkpoint on a published benchmark and write ``benchmark.json``."""
    from ..model.scorer import Scorer

    measured = plain(run_benchmark(name, Scorer.from_pretrained(model)))
    write_results(output / BENCHMARK, measured)
    return measured


def _predict(
    model: str | None, labels: str | None, corpus: Corpus, learned_from: Corpus, seed: int
) -> tuple[Predictions, dict[str, Any] | None]:
    if model in BASELINES:
        return BASELINES[model](learned_from, corpus), None
    if model is not None and model.endswith(".jsonl"):
        return read_predictions(Path(model), corpus), None
    if labels is not None and model is not None:
        return huggingface.predict(model, huggingface.parse_label_map(labels), corpus), None
    from ..model.scorer import Scorer

    try:
        scorer = Scorer.from_pretrained(model)
    except CheckpointError as error:
        others = (
            f"a baseline ({', '.join(BASELINES)}), a .jsonl of predictions, or a Hugging Face model with --label-map"
        )
        raise CheckpointError(f"{error}; or name {others}") from None
    return checkpoint.predict(scorer, corpus, seed=seed), run_behaviour(scorer)


def _training(corpus: Corpus) -> Corpus:
    """What baselines learn from: the train split of the corpus, or of our own where it has none."""
    return open_corpus(corpus.name if corpus.name in ("invented", "news3") else "invented", "train")


def _cue_sources(learned_from: Corpus) -> list[Corpus]:
    """Corpora whose cues a model may have seen: our own and news3, as far as they are present."""
    sources = {learned_from.name: learned_from}
    for name in ("invented", "news3"):
        try:
            sources.setdefault(name, open_corpus(name, "train"))
        except CorpusError:
            continue  # absent here: the results name the ones that were read
    return [sources[name] for name in sorted(sources)]
