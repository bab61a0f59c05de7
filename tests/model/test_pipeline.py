"""Hugging Face: the plain pipeline and the bare model agree with the scorer, and ``news-framing`` keeps its shape."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

from reportedly import AXES, Scorer
from reportedly.model.loading import open_checkpoint

TEXTS = [
    "The mayor reportedly said it.",
    "Fire!",
    "“A disgrace,” she said of the alarming vote in the town.",
    "a b c " * 4,
]
KEYS = ["text", "scores", "flags", "voice", "evidence", "windows", "language"]

# Run in a process that never imports reportedly: prints the labels' scores of each text, and what was warned of.
_FOREIGN = """
import io, json, sys, contextlib, warnings
warnings.simplefilter("error")
log = io.StringIO()
with contextlib.redirect_stderr(log):
    from transformers import pipeline
    from transformers.utils import logging
    logging.disable_progress_bar()
    classify = pipeline("text-classification", model=sys.argv[1], top_k=None, truncation=True)
    found = [{row["label"]: row["score"] for row in rows} for rows in classify(json.loads(sys.argv[2]))]
assert not any(name.split(".")[0] == "reportedly" for name in sys.modules)
print(json.dumps([found, log.getvalue()]))
"""


@pytest.mark.parametrize(
    "order",
    [
        "import reportedly, transformers",
        "import transformers.pipelines, reportedly",
        # regression: looking whether it is there kept the task from being registered
        "import reportedly, importlib.util, transformers; importlib.util.find_spec('transformers.pipelines')",
    ],
)
def test_the_task_is_known_whichever_is_imported_first(order):
    program = f"{order}\nassert 'news-framing' in transformers.pipelines.PIPELINE_REGISTRY.get_supported_tasks()"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.fixture(scope="module")
def framing(tiny_checkpoint):
    return pipeline("news-framing", model=str(tiny_checkpoint))


@pytest.mark.parametrize("name", ["tiny_checkpoint", "shipped"])
def test_a_process_without_reportedly_gets_the_same_scores_and_no_warning(name, request):
    checkpoint = request.getfixturevalue(name)
    command = [sys.executable, "-c", _FOREIGN, str(checkpoint), json.dumps(TEXTS)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout
    found, warned = json.loads(printed.splitlines()[-1])
    assert warned == ""
    for ours, theirs in zip(Scorer.from_pretrained(checkpoint)(TEXTS), found, strict=True):
        assert theirs == pytest.approx({axis.value: score for axis, score in ours.scores.items()}, abs=1e-5)


def test_the_bare_model_agrees_with_the_scorer(tiny_checkpoint):
    model = AutoModelForSequenceClassification.from_pretrained(tiny_checkpoint)
    assert model.dtype == torch.float32
    encoded = AutoTokenizer.from_pretrained(tiny_checkpoint)(TEXTS, padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        scores = model(**encoded).logits.sigmoid().tolist()
    for ours, theirs in zip(Scorer.from_pretrained(tiny_checkpoint)(TEXTS), scores, strict=True):
        assert theirs == pytest.approx(list(ours.scores.values()), abs=1e-5)


def test_a_string_a_list_an_iterator_and_a_column_give_the_same_results(framing):
    from datasets import Dataset
    from transformers.pipelines.pt_utils import KeyDataset

    one = framing(TEXTS[0])
    assert list(one) == KEYS
    assert list(one["scores"]) == [axis.value for axis in AXES]
    as_list = framing(TEXTS)
    assert as_list[0]["text"] == one["text"]
    assert as_list[0]["scores"] == pytest.approx(one["scores"], abs=1e-6)
    streamed = framing(text for text in TEXTS)
    assert iter(streamed) is streamed
    assert list(streamed) == as_list
    data = Dataset.from_dict({"body": TEXTS})
    assert framing(data["body"]) == as_list
    assert framing(KeyDataset(data, "body")) == as_list  # which is read by index alone


def test_results_are_builtins_that_json_takes(framing):
    assert json.loads(json.dumps(framing(TEXTS))) == framing(TEXTS)


def test_nothing_in_gives_nothing_out(framing):
    assert framing([]) == []
    assert list(framing(iter([]))) == []
    assert framing("")["windows"] == 0


def test_none_is_named_by_its_index_or_given_a_null_result(framing):
    with pytest.raises(ValueError, match="item 2 is None"):
        framing(["a", "b", None])
    nulls = framing(["a", None], on_none="null")
    assert list(nulls[1]) == KEYS
    assert nulls[1]["scores"] == dict.fromkeys(AXES)
    assert nulls[0]["text"] == "a"
    with pytest.raises(TypeError, match="inputs is None"):
        framing(None)
    with pytest.raises(TypeError, match="item 0 is int"):
        framing([3])


def test_options_are_checked(framing):
    with pytest.raises(ValueError, match="on_none is 'skip'"):
        framing(["a"], on_none="skip")
    with pytest.raises(TypeError, match="unknown option top_k"):
        framing(["a"], top_k=None)


def test_a_batch_size_is_taken_and_changes_nothing(framing):
    texts = ["Fire!", "It may rain, officials reportedly said."]
    assert framing(texts, batch_size=1, num_workers=2) == framing(texts)


def test_results_for_none_are_no_one_elses(framing):
    first, second = framing([None, None], on_none="null")
    first["scores"]["hedging"] = 1.0
    assert second["scores"]["hedging"] is None
    assert framing([None], on_none="null")[0]["scores"]["hedging"] is None


def test_what_a_data_frame_has_for_a_missing_text_is_missing(framing):
    assert framing([float("nan"), "Fire!"], on_none="null")[0]["text"] is None
    with pytest.raises(ValueError, match="item 1 is nan"):
        framing(["Fire!", float("nan")])
    # regression: NA and NaT are equal to nothing, not even unequal to themselves
    column = pd.Series(["Fire!", pd.NA], dtype="string")
    assert framing(column, on_none="null")[1]["text"] is None
    with pytest.raises(ValueError, match="item 1 is <NA>"):
        framing(column)


@pytest.mark.parametrize("inputs", [{"text": "Fire!"}, pd.DataFrame({"text": ["Fire!"]}), 3])
def test_what_is_no_collection_of_texts_is_refused(framing, inputs):
    # regression: of a mapping, the keys were scored, and of a data frame its columns
    with pytest.raises(TypeError, match=f"inputs is {type(inputs).__name__}"):
        framing(inputs)


def test_without_a_model_the_task_takes_the_shipped_one(shipped):
    found = pipeline("news-framing")("The mayor reportedly said it.")
    assert found["scores"] == pytest.approx(Scorer.from_pretrained(shipped)("The mayor reportedly said it.").scores)


def test_what_the_task_saves_is_a_checkpoint(framing, tmp_path):
    # regression: transformers looked for the code of the task in a file that does not exist
    framing.save_pretrained(tmp_path / "saved")
    assert pipeline("news-framing", model=str(tmp_path / "saved"))(TEXTS) == framing(TEXTS)


def test_nothing_else_is_saved_and_no_option_taken(framing, tmp_path):
    # regression: the state of training beside a checkpoint was copied too, and push_to_hub=True did nothing
    folder = framing.scorer.checkpoint.path
    shutil.copytree(folder, tmp_path / "trained")
    (tmp_path / "trained" / "run").mkdir()
    pipeline("news-framing", model=str(tmp_path / "trained")).save_pretrained(tmp_path / "saved")
    assert not (tmp_path / "saved" / "run").exists()
    with pytest.raises(TypeError, match="push_to_hub is no option"):
        framing.save_pretrained(tmp_path / "saved", push_to_hub=True)
    framing.save_pretrained(tmp_path / "saved", max_shard_size="50GB")  # as push_to_hub() calls it
    framing.save_pretrained(folder)
    open_checkpoint(folder)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_pipeline_runs_in_half_precision(shipped, dtype):
    # regression: the span head stayed in fp32, which ended the call
    half = pipeline("news-framing", model=str(shipped), dtype=dtype)
    for rough, exact in zip(half(TEXTS), Scorer.from_pretrained(shipped)(TEXTS), strict=True):
        assert rough["scores"] == pytest.approx(exact.scores, abs=0.02)
