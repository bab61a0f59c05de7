import re
from html.parser import HTMLParser

import pytest

from reportedly.model.axes import AXES, Axis, Voice
from reportedly.model.highlight import highlight, segments
from reportedly.model.results import DocumentScores, Evidence, SentenceScores

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> & {{ 7*7 }} '\0\ud800 javascript:x"


def sentence(text: str, *evidence: Evidence, start: int = 0) -> SentenceScores:
    flagged = {span.axis for span in evidence}
    return SentenceScores(
        start=start,
        end=start + len(text),
        text=text,
        scores={axis: 0.9 if axis in flagged else 0.1 for axis in AXES},
        flags={axis: axis in flagged for axis in AXES},
        voice=Voice.WRITER,
        evidence=evidence,
        windows=1,
    )


def span(axis: Axis, start: int, end: int, text: str, score: float = 0.9) -> Evidence:
    return Evidence(axis, start, end, text[start:end], score, Voice.WRITER)


class Tags(HTMLParser):
    """Collects tags, their attributes and the visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def parse(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_a_sentence_is_cut_where_evidence_begins_and_ends():
    text = "It may reportedly be so"
    found = list(segments(sentence(text, span(Axis.HEDGING, 3, 17, text), span(Axis.UNVERIFIED, 7, 17, text, 0.5))))
    assert [(part.text, part.letters) for part in found] == [
        ("It ", ""),
        ("may ", "H"),
        ("reportedly", "HU"),
        (" be so", ""),
    ]
    assert found[2].classes == "hedging hedging-strong unverified unverified-weak"
    assert found[2].spoken == "strong hedging, writer voice, weak unverified, writer voice"


def test_the_letter_stands_at_its_word():
    # regression: behind the blank, it seemed to belong to the next word
    text = "It may reportedly be so"
    scored = sentence(text, span(Axis.HEDGING, 3, 17, text), span(Axis.UNVERIFIED, 7, 17, text))
    page = highlight(DocumentScores(text, (scored,)), title="t", model="m")
    assert re.search(r"may<sup[^>]*>H</sup> </mark><mark[^>]*>.*?reportedly<sup", page)


@pytest.mark.parametrize("place", ["text", "title", "model"])
def test_hostile_text_stays_text(place):
    text = HOSTILE if place == "text" else "Plain."
    document = DocumentScores(text, (sentence(text, span(Axis.EMOTIVE, 1, 7, text)),))
    page = highlight(document, title=HOSTILE if place == "title" else "t", model=HOSTILE if place == "model" else "m")
    page.encode("utf-8") if place != "model" else None
    tags = parse(page)
    assert {tag for tag, _ in tags.found}.isdisjoint({"script", "img", "iframe", "object", "link"})
    assert not any(name.startswith("on") for _, attributes in tags.found for name in attributes)
    assert "<script" not in page
    assert "49" not in re.sub(r"[^{}\d]", "", tags.text) or "{{ 7*7 }}" in tags.text


def test_the_page_forbids_scripts_and_connections():
    page = highlight(DocumentScores("", ()), title="t", model="m")
    policy = next(attributes["content"] for tag, attributes in parse(page).found if attributes.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not re.search(r"(?:src|href)=\"(?!#)", page)


def test_every_sentence_is_on_the_page_and_in_the_table():
    text = "One fire. Two fires.\n\nThree fires."
    document = DocumentScores(
        text, (sentence("One fire."), sentence("Two fires.", start=10), sentence("Three fires.", start=22))
    )
    page = highlight(document, title="t", model="abc")
    assert page.count("<p dir") == 2
    for number, part in enumerate(document.sentences, 1):
        assert f'id="s{number}">{part.text}<' in page
        assert f'<td class="text" dir="auto">{part.text}</td>' in page


@pytest.mark.parametrize(("language", "noticed"), [("de", True), ("en", False), (None, False)])
def test_a_page_of_what_is_not_english_says_so(language, noticed):
    page = highlight(DocumentScores("Ja.", (sentence("Ja."),), language), title="t", model="m")
    assert ("<b>Not English</b> (language code <code>de</code>)" in page) is noticed
