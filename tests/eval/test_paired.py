import math
import tracemalloc

import numpy as np
import pytest
from scipy.stats import binomtest

from reportedly.eval.paired import bootstrap_p, holm, mcnemar, permutation


def test_mcnemar_by_hand():
    present = np.array([True, True, True, False, False, False])
    one = np.array([True, True, True, False, False, True])
    other = np.array([False, False, False, False, True, False])
    # only `one` is right on 0, 1, 2 and 4; only `other` on 5: p = 2 * (C(5,0) + C(5,1)) / 2^5
    assert mcnemar(present, one, other) == (4, 1, pytest.approx(2 * 6 / 32))
    assert mcnemar(present, one, other)[2] == pytest.approx(binomtest(1, 5).pvalue)


def test_equal_systems_do_not_differ():
    present = np.array([True, False] * 10)
    flagged = np.array([True, True] * 10)
    assert mcnemar(present, flagged, flagged) == (0, 0, 1.0)
    assert permutation(present, flagged, flagged, np.arange(20), rounds=200) == 1.0


def test_permutation_enumerates_by_hand():
    # two articles; `one` finds both, `other` none. Swapping none or both gives |difference| 1, swapping one gives 0,
    # so half of the assignments are as extreme as the one observed
    present = np.array([True, True])
    p = permutation(present, np.array([True, True]), np.array([False, False]), np.array([0, 1]), rounds=20_000)
    assert p == pytest.approx(0.5, abs=0.02)


def test_a_clear_difference_is_seen():
    present = np.arange(100) % 2 == 0
    assert permutation(present, present, ~present, np.arange(100), rounds=999) == pytest.approx(1 / 1000)


def test_bootstrap_p():
    assert bootstrap_p(np.array([0.1, 0.2, 0.3])) == pytest.approx(2 / 4)
    assert bootstrap_p(np.array([-0.1, 0.1])) == 1.0


def test_holm_by_hand():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}


@pytest.mark.parametrize("order", ["abc", "bca", "cab"])
def test_holm_passes_over_what_is_undefined(order):
    # regression: one nan made the order of the others, and so their adjusted values, depend on where it stood
    p_values = {"a": 0.04, "b": math.nan, "c": 0.01}
    adjusted = holm({name: p_values[name] for name in order})
    assert list(adjusted) == list(order)
    assert math.isnan(adjusted.pop("b"))
    assert adjusted == pytest.approx({"a": 0.04, "c": 0.02})


def test_permutation_counts_by_article_as_it_would_by_sentence():
    # two articles of two sentences and one of one, all eight assignments worked out one by one
    present = np.array([True, True, False, True, True])
    one = np.array([True, False, True, True, True])
    other = np.array([False, True, True, False, False])
    articles = np.array([0, 0, 1, 1, 2])

    def f1(flagged):
        return 2 * (present & flagged).sum() / (present.sum() + flagged.sum())

    differences = [
        f1(np.where(swapped, other, one)) - f1(np.where(swapped, one, other))
        for bits in range(8)
        for swapped in [np.array([bool(bits >> article & 1) for article in articles])]
    ]
    expected = np.mean(np.abs(differences) >= abs(differences[0]) - 1e-12)
    assert permutation(present, one, other, articles, rounds=20_000) == pytest.approx(expected, abs=0.02)


def test_memory_of_the_permutation_grows_with_the_sentences_not_with_their_square():
    # regression: a table of articles by sentences took 8 n^2 bytes, the draws 8 n a round
    present = np.arange(20_000) % 2 == 0
    tracemalloc.start()
    permutation(present, present, ~present, np.arange(20_000), rounds=300)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300 * 20_000 * 8
