"""The runner, put to scorers whose answers are known."""

import json
from dataclasses import dataclass

import pytest

from reportedly import Scorer
from reportedly.eval.behaviour import Case, Expectation, Kind, run
from reportedly.model.axes import AXES, Axis


@dataclass(frozen=True)
class Answer:
    scores: dict[Axis, float]
    flags: dict[Axis, bool]


class Table:
    """A scorer that looks up the hedging and emotive scores of a text, flags at 0.5, and says 0 of the rest."""

    def __init__(self, table, axes=AXES):
        self.table, self.axes, self.asked = table, axes, []

    def __call__(self, texts):
        self.asked += texts
        given = [dict(zip(AXES, (*self.table.get(text, ()), 0, 0, 0, 0), strict=False)) for text in texts]
        return [
            Answer({axis: row[axis] for axis in self.axes}, {axis: row[axis] >= 0.5 for axis in self.axes})
            for row in given
        ]


def case(expectation, *texts, axes=(Axis.HEDGING,), kind=Kind.DIRECTION, **fields):
    return Case("file/group/1", kind, "group", texts, {expectation: axes}, "Because.", **fields)


def faults(scorer, *cases):
    return [fault["fault"] for failure in run(scorer, cases)["failures"] for fault in failure["faults"]]


@pytest.mark.parametrize(
    ("expectation", "before", "after", "fault"),
    [
        (Expectation.PRESENT, 0.0, 0.5, None),
        (Expectation.PRESENT, 0.9, 0.49, "not flagged, 0.49"),
        (Expectation.ABSENT, 0.9, 0.49, None),
        (Expectation.ABSENT, 0.0, 0.5, "flagged, 0.50"),
        (Expectation.RAISES, 0.2, 0.3, None),
        (Expectation.RAISES, 0.2, 0.24, "change +0.040, more than +0.05 expected"),
        (Expectation.RAISES, 0.3, 0.2, "change -0.100, more than +0.05 expected"),
        (Expectation.LOWERS, 0.3, 0.2, None),
        (Expectation.LOWERS, 0.3, 0.26, "change -0.040, less than -0.05 expected"),
        (Expectation.SAME, 0.30, 0.34, None),
        (Expectation.SAME, 0.30, 0.36, "change 0.060, at most 0.05 expected"),
        (Expectation.SAME, 0.48, 0.52, "the flag changes"),
        (Expectation.SAME, 0.40, 0.52, "change 0.120, at most 0.05 expected; the flag changes"),
    ],
)
def test_each_expectation_on_one_axis(expectation, before, after, fault):
    scorer = Table({"A.": (before,), "B.": (after,)})
    assert faults(scorer, case(expectation, "A.", "B.")) == ([fault] if fault else [])


def test_margin_and_tolerance_of_the_case():
    scorer = Table({"A.": (0.20,), "B.": (0.22,), "C.": (0.28,)})
    assert faults(scorer, case(Expectation.RAISES, "A.", "B.", margin=0.0)) == []
    assert faults(scorer, case(Expectation.RAISES, "A.", "A.", margin=0.0)) == [
        "change +0.000, more than +0.00 expected"
    ]
    assert faults(scorer, case(Expectation.SAME, "A.", "C.", tolerance=0.1)) == []


def test_moves_asks_for_each_axis_before_and_after():
    axes = (Axis.HEDGING, Axis.EMOTIVE)
    scorer = Table({"first": (0.9, 0.1), "second": (0.1, 0.9), "both": (0.8, 0.7)})
    assert faults(scorer, case(Expectation.MOVES, "first", "second", axes=axes)) == []
    assert faults(scorer, case(Expectation.MOVES, "second", "first", axes=axes)) == [
        "not flagged before, 0.10; flagged after, 0.90",
        "flagged before, 0.90; not flagged after, 0.10",
    ]
    assert faults(scorer, case(Expectation.MOVES, "first", "both", axes=axes)) == ["flagged after, 0.80"]


def test_the_outcome_counts_cases_and_checks():
    scorer = Table({"It may rain.": (0.9,), "A disgrace.": (0.7, 0.8)})
    cases = [
        Case("one/a/1", Kind.MINIMUM, "a", ("It may rain.",), {Expectation.PRESENT: (Axis.HEDGING,)}, "Modal."),
        Case(
            "one/a/2",
            Kind.MINIMUM,
            "a",
            ("A disgrace.",),
            {Expectation.PRESENT: (Axis.EMOTIVE,), Expectation.ABSENT: (Axis.HEDGING, Axis.UNVERIFIED)},
            "Judgement.",
        ),
        Case("two/b/1", Kind.INVARIANCE, "b", ("It may rain.", "It rains."), {Expectation.SAME: AXES}, "Same."),
    ]
    outcome = run(scorer, cases)
    assert (outcome["cases"], outcome["passed"], outcome["pass_rate"]) == (3, 1, pytest.approx(1 / 3))
    assert (outcome["texts"], outcome["skipped"]) == (3, 0)
    assert sorted(scorer.asked) == ["A disgrace.", "It may rain.", "It rains."]
    assert outcome["by_kind"] == {
        "minimum": {"cases": 2, "passed": 1, "pass_rate": 0.5},
        "invariance": {"cases": 1, "passed": 0, "pass_rate": 0.0},
        "direction": {"cases": 0, "passed": 0, "pass_rate": None},
    }
    assert outcome["by_group"]["one/a"] == {"cases": 2, "passed": 1, "pass_rate": 0.5}
    assert outcome["by_axis"] == {
        "hedging": {"checks": 3, "passed": 1, "pass_rate": pytest.approx(1 / 3)},
        "emotive": {"checks": 2, "passed": 2, "pass_rate": 1.0},
        "emotive_quoted": {"checks": 1, "passed": 1, "pass_rate": 1.0},
        "unverified": {"checks": 2, "passed": 2, "pass_rate": 1.0},
    }
    assert outcome["by_expectation"]["absent"] == {"checks": 2, "passed": 1, "pass_rate": 0.5}
    assert outcome["failures"][0] == {
        "id": "one/a/2",
        "kind": "minimum",
        "group": "a",
        "texts": ["A disgrace."],
        "expect": {"present": ["emotive"], "absent": ["hedging", "unverified"]},
        "reason": "Judgement.",
        "scores": [{"hedging": 0.7, "emotive": 0.8, "emotive_quoted": 0, "unverified": 0}],
        "faults": [{"axis": "hedging", "expectation": "absent", "fault": "flagged, 0.70"}],
    }
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome


def test_swaps_tell_the_largest_and_mean_change_and_the_lean():
    scorer = Table(
        {"Hindu.": (0.1,), "Sikh.": (0.2,), "Jew.": (0.6,), "A Hindu.": (0.3,), "A Sikh.": (0.3,), "A Jew.": (0.3,)}
    )
    swapped = {"attribute": "religion", "variants": ("Hindu", "Sikh", "Jew"), "kind": Kind.INVARIANCE}
    outcome = run(
        scorer,
        [
            case(Expectation.SAME, "Hindu.", "Sikh.", "Jew.", **swapped),
            case(Expectation.SAME, "A Hindu.", "A Sikh.", "A Jew.", **swapped),
        ],
    )
    religion = outcome["swaps"]["religion"]
    assert (religion["sentences"], religion["variants"]) == (2, 3)
    hedging = religion["axes"]["hedging"]
    assert hedging["largest"] == pytest.approx(0.5)
    assert hedging["largest_between"] == ["Hindu.", "Jew."]
    assert hedging["mean"] == pytest.approx((0.1 + 0.5 + 0.4 + 0 + 0 + 0) / 6)
    assert hedging["flag_changes"] == 1
    assert hedging["lean"] == pytest.approx({"Hindu": -0.1, "Sikh": -0.05, "Jew": 0.15})
    assert religion["axes"]["emotive"]["largest"] == 0
    (failure,) = outcome["failures"]
    assert failure["texts"] == ["Hindu.", "Jew."]
    assert [scores["hedging"] for scores in failure["scores"]] == [0.1, 0.6]


def test_what_is_asked_of_an_unknown_axis_is_left_out():
    scorer = Table({"A disgrace.": (0.0, 0.8)}, axes=(Axis.EMOTIVE,))
    outcome = run(
        scorer,
        [
            case(Expectation.PRESENT, "A disgrace.", axes=(Axis.HEDGING,)),
            case(Expectation.PRESENT, "A disgrace.", axes=(Axis.EMOTIVE, Axis.HEDGING)),
        ],
    )
    assert (outcome["cases"], outcome["passed"], outcome["skipped"]) == (1, 1, 1)
    assert list(outcome["by_axis"]) == ["emotive"]


def test_a_scorer_that_loses_a_text_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        run(lambda texts: Table({})(texts[1:]), [case(Expectation.PRESENT, "A.")])


def test_the_shipped_suite_cannot_be_passed_by_saying_nothing_or_always_the_same():
    for constant in (0.0, 1.0):

        def scorer(texts, constant=constant):
            row = dict.fromkeys(AXES, constant)
            return [Answer(row, dict.fromkeys(AXES, constant >= 0.5)) for _ in texts]

        outcome = run(scorer)
        assert outcome["by_kind"]["direction"]["passed"] == 0
        assert outcome["by_kind"]["invariance"]["pass_rate"] == 1
        assert outcome["by_expectation"]["present" if constant else "absent"]["pass_rate"] == 1
        assert outcome["by_expectation"]["absent" if constant else "present"]["passed"] == 0
        assert outcome["pass_rate"] < 0.6


def test_the_suite_is_named_by_what_it_asks():
    scorer = Table({})
    first = case(Expectation.ABSENT, "A.")
    assert run(scorer, [first])["suite"] == run(scorer, [first])["suite"]
    assert run(scorer, [first])["suite"] != run(scorer, [case(Expectation.ABSENT, "B.")])["suite"]


def test_a_real_scorer_fits(tiny_checkpoint):
    outcome = run(Scorer.from_pretrained(tiny_checkpoint), [case(Expectation.ABSENT, "The mayor said it.", axes=AXES)])
    assert outcome["cases"] == 1
