"""Published benchmarks with labels of their own: what is read, how it is parted, how it is measured.

None of their rows reaches a shipped checkpoint from here: what :mod:`.benchmarks` trains is measured and thrown away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .corpora import corpora_root, json_lines
from .example import Example
from .folds import FOLDS, fold_of

Row = dict[str, Any]
_DEV_SHARE = 8
"""One document in so many is a dev part of the training part, where a protocol names none."""


@dataclass(frozen=True, slots=True)
class Published:
    """A figure to stand beside."""

    system: str
    value: float
    parameters: int | None
    """In millions; None where the system is no neural network, or its size is not stated."""


@dataclass(frozen=True, slots=True)
class Part:
    """One division of a benchmark."""

    name: str
    train: list[Example]
    dev: list[Example]
    """Apart from ``train``: chooses epoch and threshold."""
    test: list[Example]
    shares: dict[str, float]
    """By id, the share of annotators who gave the label, where that is known: a softer target than the majority."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A benchmark, by the protocol of the published figures."""

    title: str
    file: str
    label: str
    """What the head tells of a sentence."""
    positive: Callable[[Row], bool | None]
    """Whether a row carries the label; a row of which that is not known is left out."""
    document: Callable[[Row], str]
    """Groups rows that must not be split between training and dev part."""
    tested_in: Callable[[Row], str | None]
    """The part whose test a row belongs to: a fold, or ``test``; None for a row that is always trained on."""
    metric: str
    """``f1`` of the label, or ``macro_f1``: the mean of that and the F1 of its absence."""
    published: tuple[Published, ...]
    spans: str | None = None
    """Label of the spans that are evidence."""
    spans_file: str | None = None
    """Rows whose spans replace those of the rows with the same id, where the benchmark's own file has none."""
    share: Callable[[Row], float] | None = None
    """Of annotators, those who gave a row the label."""
    in_dev: Callable[[Row], bool] | None = None
    """Whether a row of the training part is in its dev part. [default: one document in eight]"""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files of the benchmark should lie."""
        return tuple(corpora_root() / file for file in (self.file, self.spans_file) if file)

    def parts(self) -> Iterator[Part]:
        """Every division in order.

        Raises
        ------
        CorpusError
            Where the benchmark is not present.
        """
        file, *others = self.paths
        spans = {row["id"]: row["spans"] for other in others for row in json_lines(other)}
        rows = [row for row in json_lines(file) if self.positive(row) is not None]
        for row in rows:
            row["spans"] = spans.get(row["id"], row["spans"])
        for name in sorted({part for row in rows if (part := self.tested_in(row)) is not None}):
            test = [row for row in rows if self.tested_in(row) == name]
            rest = [row for row in rows if self.tested_in(row) != name]
            yield Part(
                name=name,
                train=self._examples(row for row in rest if not self._in_dev(row)),
                dev=self._examples(row for row in rest if self._in_dev(row)),
                test=self._examples(test),
                shares={row["id"]: self.share(row) for row in rest} if self.share else {},
            )

    def _in_dev(self, row: Row) -> bool:
        if self.in_dev is not None:
            return self.in_dev(row)
        # not the hash by which documents are dealt to folds, or some folds would be in no dev part
        return fold_of(f"dev:{self.document(row)}", _DEV_SHARE) == 0

    def _examples(self, rows: Iterator[Row] | Sequence[Row]) -> list[Example]:
        return [
            Example(
                id=row["id"],
                text=row["text"],
                document=self.document(row),
                grades={self.label: 2 if self.positive(row) else 0},
                evidence=self._evidence(row),
            )
            for row in rows
        ]

    def _evidence(self, row: Row) -> dict[str, tuple[tuple[int, int], ...]]:
        spans = tuple((span["start"], span["end"]) for span in row["spans"] if span["label"] == self.spans)
        # a positive row without a span hides its evidence, a negative one has none
        unknown = self.spans is None or (self.positive(row) and not spans)
        return {} if unknown else {self.label: spans}


def _fold(field: str) -> Callable[[Row], str]:
    return lambda row: f"fold{row[field]}"


def _hashed_fold(field: str) -> Callable[[Row], str]:
    return lambda row: f"fold{fold_of(row[field], FOLDS)}"


def _official_test(split: str) -> Callable[[Row], str | None]:
    return lambda row: "test" if row["split"] == split else None


_BABE = Protocol(
    title="BABE, official folds (they share articles)",
    file="babe/babe.jsonl",
    label="biased",
    positive=lambda row: {"Biased": True, "Non-biased": False}.get(row["label"]),
    document=lambda row: row["news_link"] or row["id"],
    tested_in=_fold("fold_official5"),
    metric="macro_f1",
    published=(
        Published("MAGPIE", 0.841, 125),
        Published("DA-RoBERTa", 0.814, 125),
        Published("BERT, distant supervision", 0.804, 110),
        Published("RoBERTa", 0.799, 125),
        Published("BERT", 0.789, 110),
    ),
    spans="biased_word",
    share=lambda row: row["frac_biased"],
)

PROTOCOLS: dict[str, Protocol] = {
    "babe": _BABE,
    "babe_grouped": replace(
        _BABE, title="BABE, folds grouped by article", tested_in=_fold("fold_group5"), published=()
    ),
    "conll2010_bio": Protocol(
        title="CoNLL-2010 task 1, biological, official test",
        file="conll2010_bio/conll2010_bio.jsonl",
        label="uncertain",
        positive=lambda row: row["label"] == "uncertain",
        document=lambda row: row["source"],
        tested_in=_official_test("test"),
        metric="f1",
        published=(Published("Tang et al., official best", 0.864, None),),
        spans="cue:speculation",
    ),
    "conll2010_wiki": Protocol(
        title="CoNLL-2010 task 1, Wikipedia, five folds of two thirds of its train part",
        file="conll2010_wiki/conll2010_wiki.jsonl",
        label="uncertain",
        positive=lambda row: row["label"] == "uncertain",
        document=lambda row: row["text"],  # articles are not named; the same sentence stays on one side
        tested_in=_hashed_fold("text"),
        metric="f1",
        # found by a word list of its train part in the uncertain sentences; the test part of a fold is judged by labels
        spans="silver_cue",
        spans_file="conll2010_wiki/conll2010_wiki_silver_cues_train.jsonl",
        published=(
            Published("Katerenchuk and Levitan, on the test", 0.702, None),
            Published("Adel and Schütze, on the test", 0.675, None),
            Published("Georgescul, official best, on the test", 0.602, None),
        ),
    ),
    "checkthat_subj_en": Protocol(
        title="CheckThat! subjectivity, English, 2024 test",
        file="checkthat_subj_en/checkthat_subj_en.jsonl",
        label="subjective",
        positive=lambda row: {"SUBJ": True, "OBJ": False}.get(row["label"]),
        document=lambda row: row["id"],
        tested_in=_official_test("dev_test"),
        in_dev=lambda row: row["split"] == "dev",
        metric="macro_f1",
        published=(
            Published("HYBRINFOX (RoBERTa, sentence-BERT and a lexicon), best of 2024", 0.744, None),
            Published("mDeBERTa with sentiment", 0.704, 278),
            Published("ModernBERT", 0.692, None),
            Published("mDeBERTa", 0.665, 278),
        ),
    ),
    "ptc": Protocol(
        title="PTC, loaded language by sentence, folds grouped by article",
        file="ptc/ptc.jsonl",
        label="loaded_language",
        positive=lambda row: row["loaded_language"],
        document=lambda row: row["source"],
        tested_in=_hashed_fold("source"),
        metric="f1",
        published=(),
        spans="Loaded_Language",
    ),
}
