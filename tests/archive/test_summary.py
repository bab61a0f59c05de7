import re
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fake_scorer import FakeScorer
from scipy.stats import bootstrap as scipy_bootstrap
from typer.testing import CliRunner

from reportedly.archive.inputs import UsageError, find_inputs
from reportedly.archive.job import Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.plot import render
from reportedly.archive.records import Reading
from reportedly.archive.run import run
from reportedly.archive.summary import MISSING, bootstrap, summarise
from reportedly.cli import app
from reportedly.model.axes import AXES, Axis


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    """The same job as a folder, Parquet and JSON Lines."""
    root = tmp_path_factory.mktemp("scores")
    rows = [
        {
            "id": "same",
            "text": " ".join(f"It rained {number + extra} times." for extra in range(1 + number % 4)),
            "outlet": ["Packet", "<b>Gazette</b>", None][number % 3],
            "date": [date(2031, 1 + number % 2, 3).isoformat(), "Mon, 03 Mar 2031 10:00:00 +0000", "spring"][
                number % 3
            ],
        }
        for number in range(60)
    ]
    pq.write_table(pa.Table.from_pylist(rows), root / "archive.parquet")
    settings = Settings(Reading(keep=(("outlet", "outlet"), ("date", "date"))), shard_articles=7)
    for name in ("folder", "scores.parquet", "scores.jsonl"):
        inputs = find_inputs([str(root / "archive.parquet")])
        run(inputs, output_at(root / name), settings, Model("m", {}, "fake"), in_process(FakeScorer()))
    return root


@pytest.mark.parametrize("name", ["folder", "scores.parquet", "scores.jsonl"])
def test_groups_agree_with_pandas_whatever_the_form(scores, name):
    groups = summarise(scores / name, ["outlet", "month"])
    table = pq.read_table(scores / "scores.parquet").to_pandas()
    table["outlet"] = table["outlet"].fillna(MISSING)
    table["month"] = table["date"].map(
        lambda value: value[:7] if value[0] == "2" else "2031-03" if value[0] == "M" else MISSING
    )
    expected = table.groupby(["outlet", "month"])
    assert [group.key for group in groups] == sorted(expected.groups)
    for group in groups:
        part = expected.get_group(group.key)
        assert (group.sentences, group.articles) == (len(part), part["position"].nunique())
        for axis in AXES:
            assert group.share[axis].value == pytest.approx(part[f"{axis}_flag"].mean())
            assert group.mean[axis].value == pytest.approx(part[axis.value].mean(), abs=1e-6)
            assert group.mean[axis].low <= group.mean[axis].value <= group.mean[axis].high


def test_the_interval_is_that_of_scipy_over_articles():
    generator = np.random.default_rng(1)
    sentences = generator.integers(5, 40, 300).astype(float)
    flagged = generator.binomial(sentences.astype(int), generator.beta(2, 5, 300)).astype(float)
    low, high = bootstrap(np.column_stack([sentences, flagged]), seed=0)[:, 0]
    reference = scipy_bootstrap(
        (flagged, sentences),
        lambda part, whole, axis: part.sum(axis) / whole.sum(axis),
        paired=True,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    width = reference.high - reference.low
    assert (low, high) == (pytest.approx(reference.low, abs=width / 10), pytest.approx(reference.high, abs=width / 10))


def test_bundles_leave_the_spread_as_it_is():
    generator = np.random.default_rng(1)
    sums = np.column_stack([np.ones(40_000), generator.random(40_000)])
    low, high = bootstrap(sums, seed=0)[:, 0]
    expected = 2 * 1.96 * sums[:, 1].std() / 200
    assert high - low == pytest.approx(expected, rel=0.1)


def test_a_single_article_has_no_interval(scores):
    one = summarise(scores / "folder", ["position", "outlet"])[0]
    assert (one.articles, one.share[Axis.HEDGING].low) == (1, None)


def test_columns_that_are_not_there_are_named(scores, tmp_path):
    with pytest.raises(UsageError, match=r"no column 'author'; kept columns are outlet, date"):
        summarise(scores / "folder", ["author"])
    with pytest.raises(UsageError, match="made from the column that --date names"):
        summarise(scores / "folder", ["month"], "published")
    with pytest.raises(UsageError, match="not a table of sentences"):
        summarise(scores / "archive.parquet", ["outlet"])
    with pytest.raises(UsageError, match="no sentences"):
        summarise(tmp_path, ["outlet"])


def test_the_page_is_self_contained_and_escaped(scores):
    page = render(summarise(scores / "folder", ["outlet", "month"]), ["outlet", "month"], "<i>scores")
    assert "<b>Gazette" not in page
    assert "&lt;b&gt;Gazette" in page
    assert "<i>scores" not in page
    assert page.count("<svg") == len(AXES) + 3  # charts, and a swatch for each outlet
    assert not re.search(r"<script|src=|href=|url\(", page)
    assert not re.search(r"\bnan\b", page)


def test_the_command(scores, tmp_path):
    page = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["summary", str(scores / "folder"), "--by", "outlet,month", "--plot", str(page)])
    assert result.exit_code == 0, result.output
    assert "emotive_quoted" in result.output
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert CliRunner().invoke(app, ["summary", str(scores / "folder"), "--by", "nothing"]).exit_code == 2
