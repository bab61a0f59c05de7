"""`reportedly compare`: two result folders side by side."""

from pathlib import Path
from typing import Any

from .compare import compare
from .corpus import Corpus, CorpusError
from .predictions import Predictions, read_predictions
from .readers import WITH_SPLITS, open_corpus
from .report.comparison import comparison
from .resampling import RESAMPLES
from .results import plain, read_results, write_results
from .run import PREDICTIONS

COMPARISON = "comparison.json"


def run_compare(one: Path, other: Path, output: Path | None) -> str:
    """Compare the models of two folders that ``reportedly eval`` wrote, and return the comparison in Markdown.

    Parameters
    ----------
    output
        Folder for ``comparison.json`` and ``comparison.md``; nothing is written for ``None``.

    Raises
    ------
    CorpusError
        Where the folders are of different corpora, or the corpus is not the one they were made with.
    """
    facts = [read_results(folder)["corpus"] for folder in (one, other)]
    if facts[0]["hash"] != facts[1]["hash"]:
        names = [f"{fact['name']} {fact['split']} ({fact['hash']})" for fact in facts]
        raise CorpusError(f"{one} is of {names[0]}, {other} of {names[1]}; only results on the same sentences compare")
    name = facts[0]["name"]
    if name not in WITH_SPLITS and not Path(name).is_file():
        raise CorpusError(f"{name}: the labels of {one} are not there; compare from the folder where eval was run")
    corpus = open_corpus(name, facts[0]["split"])
    if corpus.hash != facts[0]["hash"]:
        raise CorpusError(f"{corpus.name} has hash {corpus.hash}, the results {facts[0]['hash']}; evaluate both again")
    first, second = (_predictions(folder, corpus) for folder in (one, other))
    found: dict[str, Any] = {
        "one": {"name": first.system, "hash": first.hash},
        "other": {"name": second.system, "hash": second.hash},
        "corpus": facts[0],
        "axes": compare(corpus, first, second, RESAMPLES, seed=0),
    }
    if not found["axes"]:
        raise CorpusError(f"{first.system} and {second.system} predict no axis in common")
    text = comparison(plain(found))
    if output is not None:
        write_results(output / COMPARISON, found)
        (output / "comparison.md").write_text(text, encoding="utf-8")
    return text


def _predictions(folder: Path, corpus: Corpus) -> Predictions:
    return read_predictions(folder / PREDICTIONS / "model.jsonl", corpus)
