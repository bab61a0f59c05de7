"""Texts that no editor wrote: whatever they hold, every offset fits and every page keeps them as text."""

import pytest
from fuzz_targets import check_pages, check_scores, check_sentences, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from reportedly.model.axes import AXES, Axis, Voice
from reportedly.model.highlight import segments
from reportedly.model.results import Evidence, SentenceScores
from reportedly.model.sentences import split_sentences
from reportedly.model.text import paragraphs, shown
from reportedly.model.voice import open_mark, quoted_regions, voice_of

PIECES = (
    "It may rain. ",
    "“We fled. We lost it",
    "all,” she said.",
    "'s ",
    "\u202eRLO",
    "\u2066isolate\u2069",
    "\0",
    "\ud800",
    "\udfff",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301\u0323",
    "\u0301",
    "İ",
    "ﬁ",
    "漢字。",
    "\u200b",
    "\ufeff",
    "\r\n",
    "\n\n",
    "\x85",
    "\u2029",
    "<script>",
    "{{7*7}}",
    "]]>",
    "...",
    "Sen. ",
    " 3 p.m. ",
    '"',
    "‘",
    "(",
)
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join)
ONES = settings(max_examples=150)


@ONES
@given(HOSTILE)
def test_offsets_of_sentences_and_quotations_fit(text):
    check_sentences(text)


@ONES
@given(HOSTILE)
def test_offsets_of_evidence_fit_and_the_rows_can_be_written(text):
    check_scores(text)


@ONES
@given(HOSTILE)
def test_pages_keep_the_text_as_text(text):
    check_pages(text)


def test_any_bytes_are_a_text():
    assert text_of(b"caf\xe9 \xf0\x9f\x98\x80") == "caf\udce9 \U0001f600"


@pytest.mark.parametrize("unit", ["'", "? a", "a! ", "(“.\n\n"])
def test_a_megabyte_of_one_thing_is_read_to_its_end(unit):
    # regression: sentencex took minutes over apostrophes, joined pieces were copied anew for each piece
    text = "a " + unit * (1_000_000 // len(unit))
    spans = split_sentences(text)
    regions = quoted_regions(text)
    assert list(paragraphs(text))
    for start, end in spans[:1000]:
        open_mark(text, start, regions)
        voice_of(text, start, end, regions)
    assert "".join(text[start:end] for start, end in spans).replace(" ", "") == "".join(text.split())


def test_a_sentence_with_evidence_on_every_word_is_cut_in_one_pass():
    # regression: every stretch was compared with every span
    text = "may " * 60_000
    evidence = tuple(
        Evidence(axis, start, start + 3, "may", 0.9, Voice.WRITER)
        for axis in (Axis.HEDGING, Axis.UNVERIFIED)
        for start in range(0, len(text), 4)
    )
    sentence = SentenceScores(
        0, len(text), text, dict.fromkeys(AXES, 0.9), dict.fromkeys(AXES, True), Voice.WRITER, evidence, 1
    )
    parts = list(segments(sentence))
    assert len(parts) == 120_000
    assert {part.letters for part in parts} == {"HU", ""}


def test_what_would_command_a_terminal_is_spelt_out():
    assert shown("a\x1b]0;x\x07\r\u202eb\ud800 é “c”") == "a\\u001b]0;x\\u0007\\u000d\\u202eb\\ud800 é “c”"
