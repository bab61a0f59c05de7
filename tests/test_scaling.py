"""The plan for large archives says what the committed measurements give."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import scaling


def test_the_page_is_what_the_results_give():
    text = scaling.PAGE.read_text(encoding="utf-8")
    assert scaling.page(text) == text, "run python benchmarks/scaling.py"


def test_cost_by_hand():
    """A million articles of 20 sentences at 100 a second: 200,000 s, or 55.6 core-hours, at 4 cents $2.22."""
    row = scaling._cost("torch", rate=100.0, sentences=20.0).splitlines()[2]
    assert row == "| 1 M | 20 M | 56 | $2.2 | 28 h | 52 min | 3.3 min | 20 s |"


@pytest.mark.parametrize(("hours", "text"), [(0.0001, "0.36 s"), (0.5, "30 min"), (30, "30 h"), (100, "4.2 days")])
def test_durations_have_two_digits(hours, text):
    assert scaling._duration(hours) == text


def test_what_the_rates_are_measured_by_still_runs():
    """It once lacked a field that commits had come to have, so that ``make bench`` ended in a traceback."""
    rates = scaling.measure(count=3, commits=2)
    assert rates["articles"] == 3
    assert rates.keys() == json.loads((scaling.RESULTS / "scaling.json").read_text()).keys()
