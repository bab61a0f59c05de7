"""What must hold of any bytes at all: one function per target, called by the fuzzer and by the tests.

Each takes bytes and raises where something is wrong: an exception that is not one of ours, an offset that does not
fit, a text that no table could hold, a page with an element that is not from its template.
"""

import bz2
import gzip
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa

from reportedly.archive.inputs import COMPRESSIONS, FORMATS, Format, Input
from reportedly.archive.partitions import partition
from reportedly.archive.plot import render
from reportedly.archive.readers import read
from reportedly.archive.records import Article, Failure, Reading
from reportedly.archive.rows import Aggregate, sentence_rows
from reportedly.archive.schema import ERRORS, article_schema, sentence_schema
from reportedly.archive.summary import Estimate, Group
from reportedly.model.axes import AXES, Voice
from reportedly.model.highlight import highlight
from reportedly.model.loading import open_checkpoint
from reportedly.model.results import DocumentScores, Evidence, SentenceScores
from reportedly.model.scorer import Scorer
from reportedly.model.sentences import split_sentences
from reportedly.model.text import encodable, paragraphs
from reportedly.model.voice import open_mark, quoted_regions, voice_of

READING = Reading(
    keep=(("kept", "meta"), ("dotted", "meta.key"), ("title", "title"), ("date", "date")), article_bytes=100_000
)
_KEPT = [name for name, _ in READING.keep]
_MOST_RECORDS = 10_000
_ELEMENTS = frozenset(
    "html head meta title style body header h1 h2 ul li b i mark main article p span sup section div table caption "
    "thead tbody tr th td a footer code svg line text polyline g circle".split()
)
_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".zst": lambda content: pa.compress(content, "zstd", asbytes=True),
}


def text_of(content: bytes) -> str:
    """Any bytes as a text: what is no UTF-8 becomes a lone surrogate."""
    return content.decode("utf-8", "surrogateescape")


def check_reader(content: bytes, ending: str) -> None:
    """A file of any content gives articles and failures that the tables can hold, whole or cut into partitions."""
    with _file(content) as path:
        items = list(_items(path, ending, 1 << 30))
        cut = ending in (".jsonl", ".parquet") and list(_items(path, ending, 100))
    damaged = any(isinstance(item, Failure) and item.position is None for item in items)
    assert damaged or not cut or cut == items, "cut into partitions, a whole file gives other records"
    for item in items:
        check_item(item)
    failures = [item for item in items if isinstance(item, Failure)]
    rows = [{"source": item.source, "position": item.position, "reason": item.reason} for item in failures]
    pa.RecordBatch.from_pylist(rows, schema=ERRORS)


def check_packed(content: bytes) -> None:
    """The same for compressed files: the first byte chooses the packing, and whether what follows is packed before."""
    kind, rest = content[:1] or b"\0", content[1:]
    ending = list(COMPRESSIONS)[kind[0] % len(COMPRESSIONS)]
    packed = _PACKERS[ending](rest) if kind[0] & 64 else rest
    if kind[0] & 128:
        packed = packed[: len(packed) * 3 // 4]
    check_reader(packed, list(FORMATS)[kind[0] // 3 % len(FORMATS)] + ending)


def check_item(item: Article | Failure) -> None:
    """An article has a word, and all that is said of it or of a failure can be written."""
    item.source.encode("utf-8")
    if isinstance(item, Failure):
        item.reason.encode("utf-8")
        assert 0 < len(item.reason) < 2_000, len(item.reason)
        assert "\n" not in item.reason, item.reason
        return
    for value in (item.id, item.text, *item.kept):
        assert value is None or value.encode("utf-8") is not None
    assert any(character.isalnum() for character in item.text)
    assert len(item.kept) == len(READING.keep)


def check_sentences(text: str) -> None:
    """Sentences, paragraphs and quotations lie in order within the text, and with the gaps rebuild it."""
    spans = split_sentences(text)
    rebuilt, at = "", 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        rebuilt, at = rebuilt + text[at:end], end
    assert not text[at:].strip()
    assert rebuilt + text[at:] == text
    _ascending(paragraphs(text), text)
    regions = quoted_regions(text)
    _ascending(regions, text)
    for start, end in spans:
        mark = open_mark(text, start, regions)
        voice = voice_of(text, start, end, regions)
        assert not mark or any(left < start < right for left, right in regions)
        assert mark in ("", "``", "''", *"“”„«»\"‘'")
        words = [index for index in range(start, end) if text[index].isalnum()]
        inside = {any(left <= index < right for left, right in regions) for index in words[:50]}
        expected = {True: Voice.QUOTED, False: Voice.WRITER}
        assert len(words) > 50 or voice is (
            Voice.MIXED if len(inside) == 2 else expected[inside.pop()] if inside else Voice.WRITER
        )


def check_scores(text: str) -> None:
    """Offsets of sentences and evidence fit, from the tokenizer to the rows of the tables."""
    scores = _scorer().document(text)
    assert scores.text == text
    assert [(part.start, part.end) for part in scores.sentences] == split_sentences(text)
    for part in scores.sentences:
        assert text[part.start : part.end] == part.text
        for span in part.evidence:
            assert part.start <= span.start < span.end <= part.end
            assert text[span.start : span.end] == span.text
        for axis in AXES:
            assert not part.windows or any(span.axis is axis for span in part.evidence) or not _has_word(part.text)
    article = Article("a", encodable(text), "s", 1, (encodable(text),) * len(_KEPT), extracted=True)
    aggregate = Aggregate()
    for held in _scorer().parts([article.text]):
        aggregate.add(held.sentences)
        pa.RecordBatch.from_pylist(list(sentence_rows(article, held, "m", _KEPT)), schema=sentence_schema(_KEPT))
    row = aggregate.row(article, held.language, "m", _KEPT)
    pa.RecordBatch.from_pylist([row], schema=article_schema(_KEPT))


def check_pages(text: str) -> None:
    """Pages hold hostile text as text: every element is from the template, and nothing of the sentences is lost."""
    sentences = tuple(_invented(text, start, end) for start, end in split_sentences(text))
    _check_page(highlight(DocumentScores(text, sentences), title=text, model=text), [part.text for part in sentences])
    estimates = {axis: Estimate(0.5, None, None) for axis in AXES}
    group = Group((text, text), 1, 1, share=estimates, mean=estimates)
    _check_page(render([group], [text, text], text), [])


TARGETS: dict[str, Callable[[bytes], None]] = {
    **{
        kind: partial(check_reader, ending=f".{kind}")
        for kind in ("jsonl", "csv", "tsv", "parquet", "txt", "html", "warc")
    },
    "packed": check_packed,
    "sentences": lambda content: check_sentences(text_of(content)),
    "scores": lambda content: check_scores(text_of(content)),
    "pages": lambda content: check_pages(text_of(content)),
}
"""By name; each takes any bytes."""


class _Page(HTMLParser):
    """Checks elements and attributes, and collects the sentences of the table."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in _ELEMENTS, tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            assert name not in ("src", "srcset", "style", "srcdoc", "action"), name
            assert name != "href" or (value or "").startswith("#"), value
        if tag == "td" and ("dir", "auto") in attributes:
            self._in_cell = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell &= tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def _check_page(page: str, sentences: list[str]) -> None:
    parsed = _Page()
    parsed.feed(page)
    parsed.close()
    written = [encodable(text).replace("\0", "\ufffd") for text in sentences]
    assert parsed.cells == written, "a sentence is lost or changed"
    assert page.count("Content-Security-Policy") >= 1


def _ascending(spans: Iterator[tuple[int, int]] | list[tuple[int, int]], text: str) -> None:
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        at = end


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _invented(document: str, start: int, end: int) -> SentenceScores:
    """A sentence with evidence that overlaps: on each axis one more character in from the edges."""
    edges = [(axis, start + number, end - number) for number, axis in enumerate(AXES)]
    return SentenceScores(
        start,
        end,
        document[start:end],
        dict.fromkeys(AXES, 0.5),
        dict.fromkeys(AXES, True),
        Voice.MIXED,
        tuple(
            Evidence(axis, left, right, document[left:right], 0.9, Voice.QUOTED)
            for axis, left, right in edges
            if left < right
        ),
        1,
    )


@contextmanager
def _file(content: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile() as stream:
        stream.write(content)
        stream.flush()
        yield Path(stream.name)


def _items(path: Path, ending: str, partition_bytes: int) -> Iterator[Article | Failure]:
    compression = COMPRESSIONS.get(Path(ending).suffix)
    kind = FORMATS[Path(ending).stem if compression else ending]
    status = path.stat()
    file = Input(str(path), Format(kind), compression, status.st_size, status.st_mtime_ns)
    records = 0
    for part in partition([file], partition_bytes, 100):
        for record in read(part, READING):
            records += 1
            assert records < _MOST_RECORDS
            yield record.parse()


class _Backend:
    """Logits by the hash of the tokens, so that some words are evidence and some are not."""

    name = "noise"
    batch_tokens = 2048

    def __call__(self, input_ids: np.ndarray, attention_mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        digest = hashlib.sha256(input_ids.tobytes()).digest()
        noise = np.random.default_rng(list(digest[:4])).normal(size=(*input_ids.shape, len(AXES))).astype(np.float32)
        return noise[:, 0], noise

    def threads(self) -> Executor:
        return ThreadPoolExecutor(1)


@cache
def _scorer() -> Scorer:
    return Scorer(open_checkpoint(), _Backend(), dict.fromkeys(AXES, 0.0))
