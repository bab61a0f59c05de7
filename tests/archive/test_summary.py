import json
import re
import shutil
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import pytest
from fake_scorer import FakeScorer
from scipy.stats import binomtest
from scipy.stats import bootstrap as scipy_bootstrap
from typer.testing import CliRunner

from reportedly.archive.bundles import Bundles
from reportedly.archive.differences import compare, difference
from reportedly.archive.inputs import UsageError, find_inputs
from reportedly.archive.job import Part, Settings, in_process
from reportedly.archive.manifest import Model
from reportedly.archive.output import output_at
from reportedly.archive.plot import lines, percent, render
from reportedly.archive.records import Reading
from reportedly.archive.run import run
from reportedly.archive.schema import ERRORS, article_schema, sentence_schema
from reportedly.archive.summary import (
    FEWEST_ARTICLES,
    MISSING,
    UNCLEAR,
    Estimate,
    bootstrap,
    intervals,
    ordered,
    summarise,
)
from reportedly.archive.tables import Rows, table_file
from reportedly.cli import app
from reportedly.model.axes import AXES, Axis, Voice


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


def write_scores(path, *articles):
    """A table of articles of one sentence each, with the given fields and kept columns."""
    plain = dict.fromkeys(sentence_schema().names, 0) | dict.fromkeys(AXES, 0.5)
    plain |= {f"{axis}_flag": False for axis in AXES}
    plain |= dict.fromkeys(("document", "source", "text", "voice", "model"), "x") | {"spans": [], "language": "en"}
    schema = sentence_schema([name for name in (articles[0] if articles else ()) if name not in plain])
    with table_file(path, schema) as sink:
        rows = Rows(sink, schema)
        rows.add(plain | {"position": number} | article for number, article in enumerate(articles))
        rows.flush()
    return path


def run_summary(*arguments):
    return CliRunner().invoke(app, ["summary", *map(str, arguments)])


@pytest.mark.parametrize("name", ["folder", "scores.parquet", "scores.jsonl"])
def test_groups_agree_with_pandas_whatever_the_form(scores, name):
    groups = summarise([scores / name], ["outlet", "month"])
    table = pq.read_table(scores / "scores.parquet").to_pandas()
    table["outlet"] = table["outlet"].fillna(MISSING)
    table["month"] = table["date"].map(
        lambda value: value[:7] if value[0] == "2" else "2031-03" if value[0] == "M" else UNCLEAR
    )
    expected = table.groupby(["outlet", "month"])
    assert [group.key for group in groups] == sorted(
        expected.groups, key=lambda key: [(value in (MISSING, UNCLEAR), value) for value in key]
    )
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
    bundles = Bundles()
    for row in sums:
        bundles.add(row.copy())
    assert (bundles.articles, bundles.sums.shape) == (40_000, (10_000, 2))
    assert (bundles.sums[:, 0] == 4).all()
    assert bundles.sums.sum(axis=0) == pytest.approx(sums.sum(axis=0))
    low, high = bootstrap(bundles.sums, seed=0)[:, 0]
    expected = 2 * 1.96 * sums[:, 1].std() / 200
    assert high - low == pytest.approx(expected, rel=0.1)


def test_a_single_article_has_no_interval(scores):
    one = summarise([scores / "folder"], ["position", "outlet"])[0]
    assert (one.articles, one.share[Axis.HEDGING].low) == (1, None)


def test_a_few_articles_have_no_interval(tmp_path):
    """Two alike gave 50.0 % [50.0, 50.0]."""
    few = [{"outlet": "Packet", "hedging": 0.5}] * (FEWEST_ARTICLES - 1)
    [group] = summarise([write_scores(tmp_path / "few.parquet", *few)], ["outlet"])
    assert percent(group.mean[Axis.HEDGING]) == "50.0 %"
    [group] = summarise([write_scores(tmp_path / "enough.parquet", few[0], *few)], ["outlet"])
    assert group.mean[Axis.HEDGING].low is not None


def test_none_or_all_flagged_is_no_certainty(tmp_path):
    """No flag in a few articles gave 0.0 % [0.0, 0.0]."""
    articles = [{"outlet": "Packet", "emotive_flag": True}] * 8
    [group] = summarise([write_scores(tmp_path / "scores.parquet", *articles)], ["outlet"])
    for axis, flagged in ((Axis.HEDGING, 0), (Axis.EMOTIVE, 8)):
        exact = binomtest(flagged, 8).proportion_ci(0.95, "exact")
        estimate = group.share[axis]
        assert (estimate.low, estimate.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def test_other_figures_keep_the_bootstrap_beside_one_at_zero():
    sums = np.column_stack([np.full(40, 5.0), np.zeros(40), np.arange(40) % 4])
    assert intervals(sums, 40, seed=3)[:, 1].tolist() == bootstrap(sums, seed=3)[:, 1].tolist()


@pytest.mark.parametrize(
    ("value", "year", "month", "day"),
    [
        ("2031", "2031", UNCLEAR, UNCLEAR),
        ("2031-04", "2031", "2031-04", UNCLEAR),
        ("2031-04-11", "2031", "2031-04", "2031-04-11"),
        ("2031-04-11 08:00:00 UTC", "2031", "2031-04", "2031-04-11"),
        ("20310411", "2031", "2031-04", "2031-04-11"),
        ("Fri, 11 Apr 2031 08:00:00 +0000", "2031", "2031-04", "2031-04-11"),
        ("2031-13", UNCLEAR, UNCLEAR, UNCLEAR),
        ("2031-04-119", UNCLEAR, UNCLEAR, UNCLEAR),
        ("Fri, 11 Apr 99999999999 08:00:00 +0000", UNCLEAR, UNCLEAR, UNCLEAR),
        ("Fri, 11 Apr 2031 08:00:00 +99999999999999", "2031", "2031-04", "2031-04-11"),
        ("Friday, April 11th, 2031 at 8", "2031", "2031-04", "2031-04-11"),
        ("11-Apr-2031", "2031", "2031-04", "2031-04-11"),
        ("11 april 2031", "2031", "2031-04", "2031-04-11"),
        ("2031/4/11 08:00", "2031", "2031-04", "2031-04-11"),
        ("1933632000", "2031", "2031-04", "2031-04-11"),
        ("1933632000000", "2031", "2031-04", "2031-04-11"),
        ("11/04/2031", UNCLEAR, UNCLEAR, UNCLEAR),
        ("20310411083000", "2031", "2031-04", "2031-04-11"),
        ("2031-04-11Z", "2031", "2031-04", "2031-04-11"),
        ("April 2031", "2031", "2031-04", UNCLEAR),
        ("2031-W05", "2031", UNCLEAR, UNCLEAR),
        ("2031-W05-3", "2031", "2031-01", "2031-01-29"),
        ("Marathon 26 2031", UNCLEAR, UNCLEAR, UNCLEAR),
        ("11 Bread 2031", UNCLEAR, UNCLEAR, UNCLEAR),
    ],
)
def test_partial_dates_count_where_they_reach_and_broken_ones_nowhere(tmp_path, value, year, month, day):
    scores = write_scores(tmp_path / "scores.parquet", {"date": value})
    assert [group.key for group in summarise([scores], ["year", "month", "day"])] == [(year, month, day)]


def test_dates_in_a_column_called_month_are_cut_to_it(tmp_path):
    """--keep month=date and --by month grouped by day."""
    months = ("2031-04-11", "2031-04-12T08:00:00Z", "2031-05", "April", None)
    scores = write_scores(tmp_path / "scores.jsonl", *({"month": month} for month in months))
    assert [(*group.key, group.articles) for group in summarise([scores], ["month"])] == [
        ("2031-04", 2),
        ("2031-05", 1),
        ("April", 1),
        (MISSING, 1),
    ]


def test_a_long_row_of_json_lines_is_read(tmp_path):
    """Beyond 1 MB it was a straddling object, in the first row and in later ones."""
    long = {"outlet": "x" * 3_500_000}
    assert len(summarise([write_scores(tmp_path / "scores.jsonl", long, {"outlet": "Packet"}, long)], ["outlet"])) == 2


@pytest.mark.parametrize("name", ["scores.parquet", "scores.jsonl"])
def test_the_ending_may_be_in_capitals(tmp_path, name):
    capitals = write_scores(tmp_path / name, {"outlet": "Packet"}).rename(tmp_path / name.upper())
    assert [group.key for group in summarise([capitals], ["outlet"])] == [("Packet",)]


def test_several_tables_are_as_one(scores, tmp_path):
    """Positions begin anew in each: what ends one table and begins the next are two articles."""
    packet, herald = {"outlet": "Packet", "emotive_flag": True}, {"outlet": "Herald", "date": "2031-01-02"}
    parts = [
        write_scores(tmp_path / "a.parquet", *[packet] * 6),
        write_scores(tmp_path / "b.jsonl", {"outlet": "Packet"} | {"position": 5}, {"outlet": "Herald"}),
    ]
    whole = write_scores(tmp_path / "whole.parquet", *[packet] * 6, {"outlet": "Packet"}, {"outlet": "Herald"})
    assert summarise(parts, ["outlet"]) == summarise([whole], ["outlet"])
    [last] = summarise([parts[0], write_scores(tmp_path / "c.parquet", herald)], ["month"], date_column="source")
    assert last.articles == 7


def test_a_table_that_lacks_the_column_or_is_named_twice_is_named(scores, tmp_path):
    whole, bare = (
        write_scores(tmp_path / "whole.parquet", {"outlet": "Packet"}),
        write_scores(tmp_path / "bare.parquet", {}),
    )
    with pytest.raises(UsageError, match=r"bare\.parquet: no column 'outlet'"):
        summarise([whole, bare], ["outlet"])
    with pytest.raises(UsageError, match=r"whole\.parquet: is named twice"):
        summarise([whole, bare, tmp_path / "." / "whole.parquet"], ["language"])


def test_parts_that_are_not_all_of_one_archive_are_told_of(scores, tmp_path):
    def part(number, of, archive):
        place = tmp_path / f"{archive.stem}-{number}-{of}.parquet"
        settings = Settings(part=Part(number, of))
        run(find_inputs([str(archive)]), output_at(place), settings, Model("m", {}, "fake"), in_process(FakeScorer()))
        return place

    grown = tmp_path / "grown"
    grown.mkdir()
    for number in range(9):
        (grown / f"{number}.txt").write_text(f"It rained {number} times.")
    first, second = part(1, 3, grown), part(2, 3, grown)
    assert "of 3 parts there are not 3" in run_summary(first, second, "--by", "model").stderr
    (grown / "more.txt").write_text("It snowed.")
    third = part(3, 3, grown)
    assert "an archive that changed between them" in run_summary(first, second, third, "--by", "model").stderr
    shutil.copytree(f"{first}.job", tmp_path / "copy.parquet.job")
    shutil.copy(first, tmp_path / "copy.parquet")
    assert "part 1 is there more than once" in run_summary(first, tmp_path / "copy.parquet", "--by", "model").stderr


def test_a_table_without_sentences_among_others_is_passed_over(tmp_path):
    full, empty = write_scores(tmp_path / "full.jsonl", {"outlet": "Packet"}), write_scores(tmp_path / "empty.jsonl")
    assert [group.key for group in summarise([empty, full], ["outlet"])] == [("Packet",)]


def test_scores_of_different_checkpoints_and_thresholds_are_told_of(scores, tmp_path):
    inputs = find_inputs([str(scores / "archive.parquet")])
    thresholds = dict.fromkeys(map(str, AXES), 0.5)
    for name, emotive in (("lax", 0.5), ("strict.parquet", 0.75)):
        model = Model(name, thresholds | {"emotive": emotive}, "fake")
        run(inputs, output_at(tmp_path / name), Settings(), model, in_process(FakeScorer()))
    result = run_summary(tmp_path / "lax", tmp_path / "strict.parquet", "--by", "language")
    assert result.exit_code == 0
    assert "scored by 2 checkpoints, lax, strict.parquet; --by model sets them apart" in result.stderr
    assert result.stderr.endswith("emotive was flagged from different thresholds: 0.5, 0.75\n")
    assert "checkpoints" not in run_summary(tmp_path / "lax", tmp_path / "strict.parquet", "--by", "model").stderr
    assert run_summary(tmp_path / "lax", "--by", "model").stderr == ""


def test_a_broken_row_is_blamed_on_its_file(tmp_path):
    scores = write_scores(tmp_path / "scores.jsonl", {"outlet": "Packet"})
    scores.write_text(scores.read_text() + '{"outlet": [\n')
    with pytest.raises(UsageError, match=r"scores\.jsonl: cannot be read"):
        summarise([scores], ["outlet"])


@pytest.mark.parametrize("name", ["empty.parquet", "empty.jsonl"])
def test_a_table_without_sentences_is_said_to_be_one(tmp_path, name):
    page = tmp_path / "page.html"
    result = run_summary(write_scores(tmp_path / name), "--by", "language", "--plot", page)
    assert (result.exit_code, result.stdout, page.exists()) == (2, "", False)
    assert f"{name}: not one sentence in it" in result.stderr
    assert result.stderr.count("\n") == 1


def test_columns_that_are_not_there_are_named(scores, tmp_path):
    undated = write_scores(tmp_path / "undated.parquet", {"outlet": "Packet"})
    with pytest.raises(UsageError, match=r"no column 'date', of which month is made; .*again with --keep date"):
        summarise([undated], ["month"])
    with pytest.raises(UsageError, match=r"no column 'author'; kept columns are outlet, date"):
        summarise([scores / "folder"], ["author"])
    with pytest.raises(UsageError, match=r"no column 'published', of which month is made; .*name another with --date"):
        summarise([scores / "folder"], ["month"], "published")
    with pytest.raises(UsageError, match="not a table of sentences"):
        summarise([scores / "archive.parquet"], ["outlet"])
    with pytest.raises(UsageError, match="no sentences"):
        summarise([tmp_path], ["outlet"])


def test_the_page_is_self_contained_and_escaped(scores):
    page = render(summarise([scores / "folder"], ["outlet", "month"]), ["outlet", "month"], "<i>scores")
    assert "<b>Gazette" not in page
    assert "&lt;b&gt;Gazette" in page
    assert "<i>scores" not in page
    assert page.count("<svg") == len(AXES) + 2  # charts, and a swatch for each outlet that has a month
    assert not re.search(r"<script|src=|href=|url\(", page)
    assert not re.search(r"\bnan\b", page)


def test_the_command(scores, tmp_path):
    page = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["summary", str(scores / "folder"), "--by", "outlet,month", "--plot", str(page)])
    assert result.exit_code == 0, result.output
    assert "emotive_quoted" in result.output
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert CliRunner().invoke(app, ["summary", str(scores / "folder"), "--by", "nothing"]).exit_code == 2


@pytest.mark.parametrize("name", ["voice", "hedging_flag", "start", "spans"])
def test_columns_of_sentences_group_no_articles(scores, name):
    # regression: each article counted whole in the voice of its first sentence
    with pytest.raises(UsageError, match=f"column '{name}' is of sentences"):
        summarise([scores / "folder"], [name])


def test_numbers_come_by_size_and_what_has_none_last(tmp_path):
    # regression: the weeks of a plot ran 1, 10, 11, 2, and its line began at the articles without one
    articles = [{"outlet": outlet, "week": week} for outlet in ("Packet", "") for week in ("10", "9", None, "2")]
    groups = summarise([write_scores(tmp_path / "scores.parquet", *articles)], ["outlet", "week"])
    weeks = ["2", "9", "10", MISSING]
    assert [group.key for group in groups] == [(outlet, week) for outlet in ("Packet", "") for week in weeks]
    assert ordered(["nan", "2", "10"]) == ["10", "2", "nan"]
    page = render(groups, ["outlet", "week"], "scores")
    assert "(empty)</li>" in page
    assert "<title>(empty) · 2: " in page
    assert ">all</li>" not in page
    assert [len(points.split()) for points in re.findall(r'points="([^"]*)"', page)] == [3] * 2 * len(AXES)


def test_a_part_of_a_job_is_said_to_be_one(scores, tmp_path):
    # regression: what a job that was stopped had left out went unnoticed
    shutil.copytree(scores / "folder", tmp_path / "part")
    manifest = tmp_path / "part" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"totals": None}))
    result = run_summary(tmp_path / "part", "--by", "outlet")
    assert (result.exit_code, result.stdout) == (0, run_summary(scores / "folder", "--by", "outlet").stdout)
    assert result.stderr.endswith("part: an unfinished job, of which this is a part; score with --resume first\n")


def test_a_pattern_may_name_the_errors_beside_a_table(tmp_path):
    # regression: `summary parts/*.parquet` ended at the first table of errors
    table = write_scores(tmp_path / "part.parquet", {"outlet": "Packet"})
    errors = tmp_path / "part.errors.parquet"
    pq.write_table(ERRORS.empty_table(), errors)
    assert run_summary(errors, table, "--by", "outlet").stdout == run_summary(table, "--by", "outlet").stdout
    assert "part.errors.parquet: not a table of sentences" in run_summary(errors, "--by", "outlet").stderr
    pq.write_table(article_schema(["outlet"]).empty_table(), tmp_path / "articles.parquet")
    told = run_summary(table, tmp_path / "articles.parquet", "--by", "outlet").stderr
    assert told.endswith("articles.parquet: a table of articles; name that of the sentences\n")


def test_no_terminal_cuts_names_or_figures(scores, monkeypatch):
    """On 80 columns the outlets vanished and the intervals ended in dots."""
    monkeypatch.setenv("COLUMNS", "40")
    result = run_summary(scores / "folder", "--by", "outlet, month,outlet")
    assert max(map(len, result.stdout.splitlines())) <= 80
    for group in summarise([scores / "folder"], ["outlet", "month"]):
        assert "outlet: {}, month: {}, ".format(*group.key) in result.stdout
        assert all(percent(group.share[axis]) in result.stdout for axis in AXES)


def test_the_widest_figures_stay_apart(tmp_path):
    articles = [{"outlet": "Packet"} | {f"{axis}_flag": True for axis in AXES} | dict.fromkeys(AXES, 1.0)] * 5000
    groups = summarise([write_scores(tmp_path / "scores.parquet", *articles)], ["outlet"])
    assert "  hedging         100.0 % [99.9, 100.0]   100.0 % [99.9, 100.0]" in lines(groups, ["outlet"])


def test_articles_in_another_language_are_counted(tmp_path):
    languages = ("en", "de", None, "fr")
    scores = write_scores(tmp_path / "scores.parquet", *({"language": language} for language in languages))
    page = tmp_path / "page.html"
    pooled = run_summary(scores, "--by", "model", "--plot", page)
    counted = "not English: 2 of the 4 articles; their scores mean nothing"
    assert pooled.stderr == f"{counted}; --by language sets them apart\n"
    assert "Not English: 2 of the 4 articles" in page.read_text(encoding="utf-8")
    assert run_summary(scores, "--by", "language").stderr == f"{counted}\n"


def test_dates_that_are_not_there_or_not_understood_are_told(scores, tmp_path):
    # regression: epochs were of the year 1707, and half an archive without a month went unnoticed
    result = run_summary(scores / "folder", "--by", "month", "--date", "outlet")
    assert "dates of 40 articles are not understood, or coarser, as 'Packet': they are in (unclear)" in result.stderr
    result = run_summary(scores / "folder", "--by", "month")
    assert "dates of 20 articles are not understood, or coarser, as 'spring'" in result.stderr
    dates = write_scores(tmp_path / "dates.parquet", {"date": "11/04/2031", "none": None})
    assert (
        run_summary(dates, "--by", "month", "--date-format", "%d/%m/%Y").stdout.splitlines()[1][:14] == "month: 2031-04"
    )
    assert run_summary(dates, "--by", "month", "--date", "none").stderr.startswith("month: not one article has a date")


def test_sentences_of_some_voices_alone_are_counted(tmp_path):
    voices = ("writer", "quoted", "mixed", "writer")
    articles = [{"voice": voice, "hedging": score / 8} for score, voice in enumerate(voices)]
    scores = write_scores(tmp_path / "scores.parquet", *articles)
    [group] = summarise([scores], ["model"], voices=[Voice.WRITER, Voice.MIXED])
    assert (group.articles, group.sentences, group.mean[Axis.HEDGING].value) == (3, 3, pytest.approx(5 / 24))
    page = tmp_path / "page.html"
    assert "sentences: 2" in run_summary(scores, "--by", "model", "--voice", "writer", "--plot", page).stdout
    assert "Share of writer sentences over threshold" in page.read_text(encoding="utf-8")
    for wrong in ("both", ""):
        assert "expected some of writer, quoted, mixed" in run_summary(scores, "--by", "model", "--voice", wrong).stderr
    own = write_scores(tmp_path / "own.parquet", {"voice": "writer"})
    with pytest.raises(UsageError, match="not one sentence in it is quoted"):
        summarise([own], ["model"], voices=[Voice.QUOTED])


@pytest.mark.parametrize("name", ["figures.parquet", "figures.jsonl"])
def test_the_figures_are_a_table_too(scores, tmp_path, name):
    file = tmp_path / "new" / name
    assert run_summary(scores / "folder", "--by", "outlet", "-o", file).exit_code == 0
    table = pq.read_table(file) if name.endswith("parquet") else pyarrow.json.read_json(file)
    groups = summarise([scores / "folder"], ["outlet"])
    assert table.num_rows == len(groups) * len(AXES)
    row = table.slice(4, 1).to_pylist()[0]
    assert (row["outlet"], row["axis"], row["articles"]) == (groups[1].key[0], "hedging", groups[1].articles)
    assert row["voices"] == "writer,quoted,mixed"
    assert row["mean_high"] == pytest.approx(groups[1].mean[Axis.HEDGING].high, abs=1e-6)
    clash = write_scores(tmp_path / "clash.parquet", {"share": "1"})
    assert "a column 'share' of its own" in run_summary(clash, "--by", "share", "-o", tmp_path / "a.jsonl").stderr
    assert "ends in .parquet or .jsonl" in run_summary(clash, "--by", "share", "-o", tmp_path / "a.csv").stderr


def test_months_stand_where_their_time_is_and_what_has_none_in_the_table(tmp_path):
    # regression: January, March and December stood side by side, and a month "(none)" after them
    articles = [{"date": date} for date in ("2031-01-05", "2031-03-09", "2031-12-24", "spring", None)]
    page = render(summarise([write_scores(tmp_path / "scores.parquet", *articles)], ["month"]), ["month"], "scores")
    january, march, december = (float(x) for x in re.findall(r'<circle cx="([0-9.]+)"', page)[:3])
    assert (march - january) / (december - january) == pytest.approx(59 / 334, abs=0.01)
    assert "<p>(none), (unclear): in the table only.</p>" in page


def test_the_largest_groups_are_drawn(tmp_path):
    articles = [{"outlet": f"o{number}", "week": "1"} for number in range(12) for _ in range(1 + number)]
    page = render(
        summarise([write_scores(tmp_path / "scores.parquet", *articles)], ["outlet", "week"]),
        ["outlet", "week"],
        "scores",
    )
    assert re.findall(r"</svg> (o\d+)</li>", page) == ["o10", "o11", *(f"o{number}" for number in range(4, 10))]
    assert "Drawn are the 8 with most articles; 4 more are in the table only." in page


def test_what_has_no_place_in_a_chart_does_not_shape_it(tmp_path):
    # regression: an outlet without a date had the first colour, and its shares set the scale
    articles = [{"outlet": "Undated", "date": "spring", "hedging_flag": True}] * 9
    articles += [{"outlet": f"o{number}", "date": "2031-04-11"} for number in range(8) for _ in range(5)]
    scores = write_scores(tmp_path / "scores.parquet", *articles)
    page = render(summarise([scores], ["outlet", "month"]), ["outlet", "month"], "scores")
    assert re.findall(r"</svg> (\w+)</li>", page) == [f"o{number}" for number in range(8)]
    assert ">100%</text>" not in page


def test_a_kept_column_of_plain_numbers_is_no_time(tmp_path):
    # regression: month 10 stood with month 1, in the year 1001
    articles = [{"month": str(month)} for month in range(1, 13)]
    page = render(summarise([write_scores(tmp_path / "scores.parquet", *articles)], ["month"]), ["month"], "scores")
    places = [float(x) for x in re.findall(r'<circle cx="([0-9.]+)"', page)[:12]]
    assert places == sorted(places)
    assert places[1] - places[0] == pytest.approx(places[11] - places[10], abs=0.2)


def test_the_scores_are_not_written_over(scores, tmp_path):
    # regression: the table of figures took the place of the scores
    copy = shutil.copytree(scores / "folder", tmp_path / "out")
    own = write_scores(tmp_path / "own.parquet", {"outlet": "Packet"})
    for table, places in ((own, [own]), (copy, [copy, copy / "sentences" / "part-00000-0000.parquet"])):
        for place in places:
            before = place.read_bytes() if place.is_file() else None
            result = run_summary(table, "--by", "outlet", "-o", place)
            assert (result.exit_code, "is among the scores" in result.stderr) == (2, True)
            assert before is None or place.read_bytes() == before


@pytest.mark.parametrize(
    ("date_format", "reason"), [("%d/%d", "--date-format '%d/%d'"), ("%Q", "--date-format '%Q'"), ("%d/%m", "no year")]
)
def test_a_format_that_is_none_is_refused(tmp_path, date_format, reason):
    # regression: a traceback, or a note that advised to name the format
    scores = write_scores(tmp_path / "scores.parquet", {"date": "11/04/2031"})
    with pytest.raises(UsageError, match=re.escape(reason)):
        summarise([scores], ["month"], date_format=date_format)


def test_a_format_reaches_as_far_as_it_tells(tmp_path):
    scores = write_scores(tmp_path / "scores.parquet", {"date": "04/2031"})
    [group] = summarise([scores], ["year", "month", "day"], date_format="%m/%Y")
    assert group.key == ("2031", "2031-04", UNCLEAR)


@pytest.mark.parametrize("option", ["summary", "highlight"])
def test_a_page_is_written_under_no_other_ending(scores, tmp_path, option):
    arguments = {
        "summary": ["summary", str(scores / "folder"), "--by", "outlet", "--plot", str(tmp_path / "page.png")],
        "highlight": ["highlight", str(scores / "archive.parquet"), "-o", str(tmp_path / "page.png")],
    }
    result = CliRunner().invoke(app, arguments[option])
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "expected a name that ends in .html" in result.stderr


def test_the_folder_of_the_page_is_made(scores, tmp_path):
    page = tmp_path / "new" / "page.html"
    assert run_summary(scores / "folder", "--by", "outlet", "--plot", page).exit_code == 0
    assert page.exists()
    result = run_summary(scores / "folder", "--by", "outlet", "--plot", page / "below.html")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_a_difference_covers_as_often_as_it_says():
    """Of 400 intervals 20 should miss the difference that was drawn with, give or take 4.4."""
    # regression: of those of eight articles a tenth and more did
    generator = np.random.default_rng(7)

    def drawn(rate, articles):
        flags = generator.binomial(10, generator.beta(4 * rate, 4 * (1 - rate), articles))
        sums = np.stack([np.full(articles, 10), flags], axis=1).astype(float)
        low, high = intervals(sums, articles, seed=0)[:, 0]
        return Estimate(sums[:, 1].sum() / sums[:, 0].sum(), low, high)

    for articles in ((60, 90), (8, 8)):
        found = [difference(drawn(0.3, articles[0]), drawn(0.2, articles[1])) for _ in range(400)]
        assert 5 <= sum(not estimate.low <= 0.1 <= estimate.high for estimate in found) <= 32


def test_groups_are_compared_where_they_share_the_other_columns(tmp_path):
    articles = [
        {"outlet": outlet, "week": week, "hedging": (score + number % 2) / 8}
        for outlet, week, score in [("Packet", "1", 2), ("Packet", "2", 1), ("Mercury", "1", 5), ("Mercury", "3", 4)]
        for number in range(6)
    ]
    scores = write_scores(tmp_path / "scores.parquet", *articles)
    groups = compare(summarise([scores], ["outlet", "week"]), "Packet", "outlet")
    assert [group.key for group in groups if group.share_difference] == [("Mercury", "1")]
    one, reference = groups[0].mean[Axis.HEDGING], groups[2].mean[Axis.HEDGING]
    found = groups[0].mean_difference[Axis.HEDGING]
    assert found.value == pytest.approx(3 / 8)
    assert found.low == pytest.approx(
        3 / 8 - ((one.value - one.low) ** 2 + (reference.high - reference.value) ** 2) ** 0.5
    )
    page, table = tmp_path / "page.html", tmp_path / "figures.parquet"
    result = run_summary(scores, "--by", "outlet,week", "--against", "Packet", "--plot", page, "-o", table)
    assert (
        "\ndifference: to outlet Packet, in percentage points; none where it has no articles of the same week\n"
        in result.stdout
    )
    assert result.stdout.count("    difference    +0.0 [") == len(AXES)
    assert "<br>+37.5 [" in page.read_text(encoding="utf-8")
    assert [row["mean_difference"] for row in pq.read_table(table).to_pylist()[:5]] == [
        pytest.approx(3 / 8),
        0,
        0,
        0,
        None,
    ]
    result = run_summary(scores, "--by", "outlet", "--against", "packet")
    assert (
        result.exit_code,
        "no such value in outlet, the first column of --by; there are 'Packet' and 1 more" in result.stderr,
    ) == (2, True)


def test_too_few_articles_differ_without_an_interval():
    few = Estimate(0.5, None, None)
    assert difference(few, Estimate(0.25, 0.1, 0.4)) == Estimate(0.25, None, None)


def test_a_line_joins_what_follows_one_another(tmp_path):
    # regression: a line ran from outlet to outlet, as if there were something between them
    articles = [
        {"outlet": outlet, "month": "2031-04", "week": week, "weekday": day}
        for outlet, week, day in [("Packet", "2031-W14", "Monday"), ("Mercury", "2031-W15", "Friday")]
    ]
    scores = write_scores(tmp_path / "scores.parquet", *articles)
    for column, joined in (("outlet", 0), ("month", 1), ("week", 2), ("weekday", 0)):
        page = render(summarise([scores], [column]), [column], "scores")
        assert [len(points.split()) for points in re.findall(r'points="([^"]*)"', page)] == [joined] * len(AXES)
