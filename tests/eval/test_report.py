import re
from html.parser import HTMLParser

import pytest

from reportedly.eval.report.pages import html, interval, markdown, p_value, pieces

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Collects tags and text, and checks that tags are balanced."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def page(results):
    page = Page()
    page.feed(html(results))
    assert page.open == []
    return page


def test_page_needs_nothing_but_itself(page, results):
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(tags)
    assert not re.search(r"url\(|@import|https?://", html(results))
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes)
    assert all(value.startswith("#") for tag, attributes in page.tags if tag == "a" for value in [attributes["href"]])


def test_anchors_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["href"][1:] for tag, attributes in page.tags if tag == "a"} <= set(ids)


def test_text_of_articles_is_escaped(results):
    hostile = "<script>alert(1)</script> & </span><img src=x onerror=alert(1)>\0\ud800"
    results["errors"]["hedging"]["false_positive"] = [
        {"id": "<q>", "text": hostile, "grade": 0, "score": 0.9, "disputed": False, "gold": [], "predicted": [[0, 8]]}
    ]
    results["corpus"]["name"] = "<i>path</i>"
    results["slices"][0]["value"] = "<u>"
    results["slices"][0]["attribute"] = "</svg><u>"
    page = html(results)
    assert not re.search(r"<(script|img|i>path|u>|q>)", page)
    assert "&lt;script&gt;" in page
    page.encode()  # no lone surrogate is left


def test_the_figures_of_the_page_are_those_of_the_results(page, results):
    text = " ".join("".join(page.text).split())
    assert interval(results["systems"]["model"]["macro"]["f1"]) in text
    assert results["systems"]["model"]["hash"] in text
    assert results["corpus"]["hash"] in text
    for note in results["corpus"]["notes"]:
        assert note in text
        assert note in markdown(results)


def test_the_calibration_error_stands_without_an_interval(page, results):
    # regression: a bootstrap adds the bias of the estimate once more, and its interval missed the truth
    lines = [line for line in markdown(results).splitlines() if line.startswith("|")]
    head, _, *rows = lines[: 3 + len(results["systems"]["model"]["axes"])]
    assert head.endswith("| calibration error |")
    assert all(re.search(r"\| 0\.\d{3} \|$", row) for row in rows)
    text = " ".join("".join(page.text).split())
    for shown in (text, markdown(results)):
        assert "a plug-in estimate, biased upwards on small splits" in shown


def test_markdown_tables_have_as_many_cells_as_heads(results):
    for block in re.findall(r"(?:^\|.*\|$\n)+", markdown(results), re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_formats():
    assert interval({"value": 0.123, "low": 0.1, "high": 0.2}) == "0.12 [0.10, 0.20]"
    assert interval({"value": None, "low": None, "high": None}) == "–"
    assert (p_value(0.0004), p_value(0.0126), p_value(None)) == ("< 0.001", "0.013", "–")


def test_pieces_mark_both_sides():
    error = {"text": "It may rain", "gold": [[3, 6]], "predicted": [[3, 11]]}
    assert list(pieces(error)) == [("It ", False, False), ("may", True, True), (" rain", False, True)]
