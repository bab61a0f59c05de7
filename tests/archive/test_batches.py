"""The callable for Ray Data, Spark and Dask, as each of them calls it."""

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from reportedly import BatchScorer
from reportedly.archive import batches
from reportedly.archive.inputs import UsageError
from reportedly.model.backends.choice import BackendError

ARTICLES = {
    "id": ["a1", "a2", "a3"],
    "text": ["The mayor reportedly said it. Fire in the harbour.", None, "It was a storm."],
    "outlet": ["Packet", "Gazette", None],
    "source": ["print", "web", "web"],
    "views": [3, 4, 5],
}
DOCUMENTS = ["a1", "a1", "a2", "a3"]


@pytest.fixture
def score(tiny_checkpoint):
    return BatchScorer(keep=("outlet", "source"), checkpoint=str(tiny_checkpoint), backend="exact")


def test_arrow_comes_out_of_arrow(score):
    table = score(pa.table(ARTICLES))
    assert table.schema == score.schema
    rows = table.to_pylist()
    assert [(row["document"], row["sentence"], row["outlet"], row["source"]) for row in rows] == [
        ("a1", 0, "Packet", "print"),
        ("a1", 1, "Packet", "print"),
        ("a2", None, "Gazette", "web"),
        ("a3", 0, None, "web"),
    ]
    text = ARTICLES["text"][0]
    assert [text[row["start"] : row["end"]] for row in rows[:2]] == [row["text"] for row in rows[:2]]
    assert [row["error"] for row in rows] == [None, None, "empty: field 'text' is null", None]


def test_a_record_batch_comes_out_of_one_as_spark_wants_it(score):
    # regression: pandas came out, which mapInArrow refuses
    (whole,) = pa.table(ARTICLES).to_batches()
    for batch in (whole, whole.slice(0, 0)):
        scored = score(batch)
        assert isinstance(scored, pa.RecordBatch)
        assert scored.schema == score.schema
        assert scored.to_pylist() == score(pa.Table.from_batches([batch])).to_pylist()


def test_a_dict_of_columns_comes_out_of_one(score):
    columns = score({name: np.array(values, dtype=object) for name, values in ARTICLES.items()})
    assert list(columns) == score.schema.names
    assert columns["document"].tolist() == DOCUMENTS


def test_spark_hands_over_an_iterator_of_frames(score):
    """What ``mapInPandas`` does on an executor: the function comes pickled, the frames come one by one."""
    function = pickle.loads(pickle.dumps(score))
    frames = iter([pd.DataFrame(ARTICLES), pd.DataFrame(ARTICLES)[:0], pd.DataFrame(ARTICLES)[2:]])
    results = list(map(function, frames))
    assert [frame["document"].tolist() for frame in results] == [DOCUMENTS, [], ["a3"]]
    for frame in results:  # Spark turns each back into Arrow by the schema that it was given
        assert pa.Table.from_pandas(frame, schema=score.schema, preserve_index=False).schema == score.schema


def test_the_types_of_frames_are_those_that_dask_was_told(score):
    for rows in (slice(None), slice(2, None), slice(0, 0)):  # with an error, without one, empty
        assert score(pd.DataFrame(ARTICLES)[rows]).dtypes.equals(score.empty.dtypes)


def test_the_schema_in_the_words_of_spark():
    columns = BatchScorer(keep=["outlet"]).spark_schema.split(", ")
    assert columns[:5] == ["`document` string", "`sentence` int", "`start` int", "`end` int", "`text` string"]
    assert "`hedging` float" in columns
    assert "`hedging_flag` boolean" in columns
    assert columns[-2:] == ["`error` string", "`outlet` string"]
    spans = "`axis`:string,`start`:int,`end`:int,`text`:string,`score`:float,`voice`:string"
    assert f"`spans` array<struct<{spans}>>" in columns


def test_scores_are_those_of_the_scorer_and_it_is_loaded_once(score, tiny_checkpoint, monkeypatch):
    from reportedly import Scorer

    wanted = Scorer.from_pretrained(tiny_checkpoint).document(ARTICLES["text"][0]).sentences
    batches._loaded.cache_clear()
    loads = []
    load = batches.load_scorer
    monkeypatch.setattr(batches, "load_scorer", lambda *given: loads.append(given) or load(*given))
    for _ in range(3):
        rows = pickle.loads(pickle.dumps(score))(pa.table(ARTICLES)).to_pylist()
    assert len(loads) == 1
    assert rows[0]["hedging"] == pytest.approx(wanted[0].scores["hedging"], abs=1e-6)


def test_nested_columns(tiny_checkpoint):
    score = BatchScorer("body.text", "meta.id", ["meta.outlet"], tiny_checkpoint, "exact")
    bodies = [{"text": "It was a storm."}]
    (row,) = score(pa.table({"body": bodies, "meta": [{"id": 7, "outlet": "Packet"}]})).to_pylist()
    assert (row["document"], row["meta.outlet"]) == ("7", "Packet")


def test_a_value_that_is_no_text_costs_its_article_and_no_other(tiny_checkpoint):
    # regression: the record that was to be reported ended the batch
    score = BatchScorer(keep=["outlet"], checkpoint=str(tiny_checkpoint), backend="exact")
    nested = []
    for _ in range(100_000):
        nested = [nested]
    table = {"id": ["a", "b", "c"], "text": ["It rained."] * 3, "outlet": [b"Packet", b"\xff", None]}
    rows = score(pa.table(table)).to_pylist()
    assert [(row["document"], row["outlet"]) for row in rows] == [("a", "Packet"), ("b", None), ("c", None)]
    assert [row["error"] is None for row in rows] == [True, False, True]
    assert "invalid UTF-8" in rows[1]["error"]
    (failure,) = score._rows([{"id": "a", "text": "It rained.", "outlet": nested}])
    assert (failure["error"], failure["outlet"]) == ("the id or a field to keep is nested too deeply", None)


def test_a_column_that_is_not_there_is_named(score):
    with pytest.raises(KeyError, match=r"no column 'text' in the batch; there are 'id', 'body'"):
        score(pd.DataFrame({"id": ["a"], "body": ["It rained."]}))


def test_one_name_to_keep_is_a_list_too():
    # regression: each of its letters was taken for a column
    with pytest.raises(TypeError, match=r"keep is 'outlet', expected a list of names: keep=\['outlet'\]"):
        BatchScorer(keep="outlet")


def test_a_backend_that_there_is_not_is_refused_before_any_batch():
    # regression: it was a ValueError, at the first batch and on another machine
    with pytest.raises(BackendError, match="backend is 'foo', expected one of exact, torch, openvino, auto"):
        BatchScorer(backend="foo")


@pytest.mark.parametrize("keep", [["error"], ["voice"], ["outlet", "outlet"]])
def test_a_name_that_is_taken_is_refused(keep):
    with pytest.raises(UsageError, match=f"there is a column '{keep[0]}' already"):
        BatchScorer(keep=keep)


def test_thresholds_are_the_users(tiny_checkpoint):
    options = {"checkpoint": str(tiny_checkpoint), "backend": "exact"}
    for threshold, flagged in ((0.0, True), (1.0, False)):
        rows = BatchScorer(thresholds={"hedging": threshold}, **options)(pa.table(ARTICLES)).to_pylist()
        assert {row["hedging_flag"] for row in rows if row["error"] is None} == {flagged}
    with pytest.raises(ValueError, match="'hedgin' is no axis"):
        BatchScorer(thresholds={"hedgin": 0.5})
    with pytest.raises(TypeError, match=r"thresholds is 0\.5, expected a mapping"):
        BatchScorer(thresholds=0.5)
