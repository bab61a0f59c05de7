"""Pages about hostile articles, opened in a real browser: no script in them runs."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reportedly.archive.plot import render
from reportedly.archive.summary import Estimate, Group
from reportedly.eval.report.pages import html as report
from reportedly.model.axes import AXES, Axis, Voice
from reportedly.model.highlight import highlight
from reportedly.model.results import DocumentScores, Evidence, SentenceScores

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH to open the pages in")

MARK = "document.documentElement.setAttribute('data-ran',6*7)"
RAN = re.compile(r'data-ran="42"')
PAYLOADS = (
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"</style><script>{MARK}</script>",
    f"</title><script>{MARK}</script>",
    f"</textarea></noscript></template><script>{MARK}</script>",
    f"--><script>{MARK}</script><!--",
    f"]]><script>{MARK}</script>",
    f'"><script>{MARK}</script>',
    f"'><script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f'" onmouseover="{MARK}" autofocus tabindex=1 onfocus="{MARK}" x="',
    f'<input autofocus onfocus="{MARK}">',
    f'<details open ontoggle="{MARK}"><summary>x</summary></details>',
    f'<svg onload="{MARK}"><animate onbegin="{MARK}" attributeName=x dur=1s></svg>',
    f"</svg><svg><script>{MARK}</script></svg>",
    f"<math><mtext></table><mglyph><style><img src onerror={MARK}>",
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f'<meta http-equiv="refresh" content="0;url=javascript:{MARK}">',
    f'<a href="javascript:{MARK}">x</a><object data="javascript:{MARK}"></object>',
    f'<embed src="javascript:{MARK}">',
    f'<base href="javascript:/"><form action="javascript:{MARK}"><button autofocus>x</button></form>',
    f"<style>@keyframes k{{}}*{{animation:k 1s}}</style><b onanimationstart={MARK} style='animation:k 1s'>x</b>",
    "{{7*7}}${7*7}#{7*7}<%=7*7%>{% for x in ().__class__.__bases__ %}{{x}}{% endfor %}",
    f"{{{{'<script>{MARK}</script>'|safe}}}}",
    f"+ADw-script+AD4-{MARK}+ADw-/script+AD4-",
    "}*{color:red;background:url(https://a.example/x)}",
    "\u202e<\u200dscript>\0\ud800",
)
ARTICLE = "\n\n".join(PAYLOADS)


def scored(text: str) -> SentenceScores:
    """A sentence with evidence that cuts it where that hurts most: at every angle bracket."""
    edges = [0, *(place for place, character in enumerate(text) if character in '<>"'), len(text)]
    evidence = tuple(
        Evidence(axis, start, end, text[start:end], 0.9, Voice.QUOTED)
        for number, axis in enumerate(AXES)
        for start, end in zip(edges[number:], edges[number + 1 :], strict=False)
        if start < end
    )
    return SentenceScores(
        0, len(text), text, dict.fromkeys(AXES, 0.9), dict.fromkeys(AXES, True), Voice.MIXED, evidence, 2
    )


@pytest.fixture(scope="module")
def highlighted() -> str:
    return highlight(DocumentScores(ARTICLE, (scored(ARTICLE),)), title=ARTICLE, model=ARTICLE)


@pytest.fixture(scope="module")
def summarised() -> str:
    estimates = {axis: Estimate(0.5, 0.4, 0.6) for axis in AXES}
    groups = [Group((text, text), 2, 3, estimates, estimates) for text in PAYLOADS]
    return render(groups, [PAYLOADS[0], PAYLOADS[1]], ARTICLE)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of an evaluation on a corpus whose ids, texts, outlets and every other field are hostile."""
    return report(evaluate_hostile(tmp_path_factory.mktemp("corpus")))


def evaluate_hostile(folder: Path) -> dict:
    from reportedly.eval import readers
    from reportedly.eval.evaluate import evaluate
    from reportedly.eval.predictions import Prediction, Predictions
    from reportedly.eval.provenance import provenance
    from reportedly.eval.results import plain

    texts = [payload.replace("\ud800", "").replace("\n", " ") for payload in PAYLOADS]
    with (
        (folder / "articles.jsonl").open("w", encoding="utf-8") as articles,
        (folder / "labels.jsonl").open("w") as labels,
    ):
        for number, text in enumerate(texts):
            fields = dict.fromkeys(("outlet", "style", "topic", "date"), text)
            articles.write(json.dumps({"id": f"{number}{text}", "text": text, "split": "test"} | fields) + "\n")
            grade = number % 2
            spans = [{"axis": axis, "start": 0, "end": 5} for axis in AXES if grade]
            label = {"grades": dict.fromkeys(AXES, grade), "spans": spans}
            place = {"article": f"{number}{text}", "sentence": 0, "start": 0, "end": len(text)}
            labels.write(json.dumps(place | {"passes": {"a": label, "b": label}, "adjudicated": []} | label) + "\n")
    corpus = readers.read_invented(folder, "test")
    wrong = [
        Prediction(dict.fromkeys(AXES, 0.9 if number % 3 else 0.1), {Axis.EMOTIVE: ((1, 9),)}, {})
        for number in range(len(corpus.sentences))
    ]
    predictions = Predictions(ARTICLE, "0" * 16, dict.fromkeys(AXES, 0.5), tuple(wrong))
    return plain({"provenance": provenance(0, 100, 1.0), **evaluate(corpus, predictions, {}, resamples=100)})


def opened(page: str, folder: Path) -> str:
    """The document as it stands after a browser has read the page and waited."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    browser = subprocess.run(
        [
            *(CHROMIUM, *flags.split(), f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=3000"),
            *("--dump-dom", file.as_uri()),
        ],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        check=True,
    )
    assert "</html>" in browser.stdout
    return browser.stdout


def without_policy(page: str) -> str:
    """The page without its policy, so that escaping is tested by itself."""
    bare, removed = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert removed == 1
    return bare


@pytest.mark.parametrize("payload", [0, 9, 13])
def test_the_test_would_see_a_script(tmp_path, payload):
    assert RAN.search(opened(f"<!doctype html><html><body>{PAYLOADS[payload]}</body></html>", tmp_path))


@pytest.mark.parametrize("kind", ["highlighted", "summarised", "evaluated"])
@pytest.mark.parametrize("policy", [True, False])
def test_no_script_of_an_article_runs(tmp_path, kind, policy, request):
    page = request.getfixturevalue(kind)
    document = opened(page if policy else without_policy(page), tmp_path)
    assert not RAN.search(document)
    assert MARK in document  # it is on the page, as text
    assert not re.search(r"<(script|iframe|img|object|embed|form|base|input|math|textarea)\b", document)


@pytest.mark.parametrize("payload", [0, 9, 13])
def test_the_policy_alone_stops_scripts_too(tmp_path, payload):
    page = highlight(DocumentScores("", ()), title="t", model="m").replace("<main>", f"<main>{PAYLOADS[payload]}")
    document = opened(page, tmp_path)
    assert not RAN.search(document)
    assert PAYLOADS[payload][:6] in document
