"""Our measures against numbers worked out on paper, and at the edges of their definition."""

import numpy as np
import pytest

from reportedly.eval.metrics import agreement, calibration, classification, grades, ranking, spans

ONE = np.ones(4)


def test_confusion_by_hand():
    present = np.array([True, True, False, False])
    flagged = np.array([True, False, True, False])
    counts = classification.confusion(present, flagged, np.array([3.0, 1.0, 2.0, 4.0]))
    assert counts == (3, 2, 1, 4)
    assert classification.precision(counts) == pytest.approx(3 / 5)
    assert classification.recall(counts) == pytest.approx(3 / 4)
    assert classification.f1(counts) == pytest.approx(6 / 9)
    assert classification.balanced_accuracy(counts) == pytest.approx((3 / 4 + 4 / 6) / 2)
    assert classification.mcc(counts) == pytest.approx((12 - 2) / np.sqrt(5 * 4 * 6 * 5))


def test_nothing_flagged_and_nothing_present():
    silent = classification.confusion(np.array([True, False]), np.array([False, False]), np.ones(2))
    assert np.isnan(classification.precision(silent))
    assert classification.f1(silent) == 0
    assert classification.mcc(silent) == 0
    empty = classification.confusion(np.array([False, False]), np.array([False, False]), np.ones(2))
    assert np.isnan(classification.f1(empty))
    assert np.isnan(classification.recall(empty))


def test_best_threshold_by_hand():
    present = np.array([False, True, False, True])
    scores = np.array([0.1, 0.2, 0.3, 0.4])
    # flagged from 0.2: tp 2, fp 1, fn 0, F1 4/5, and of the absent 2/3. From 0.4: F1 2/3, and of the absent 4/5
    assert classification.best_threshold(present, scores) == pytest.approx((0.2, 4 / 5))
    assert classification.best_threshold(present, scores, "macro") == pytest.approx((0.2, (4 / 5 + 2 / 3) / 2))
    # eight more that are absent, four of them above 0.2: both ask for the higher threshold
    present, scores = np.append(present, [False] * 8), np.append(scores, [0.25] * 4 + [0.0] * 4)
    assert classification.best_threshold(present, scores, "macro")[0] == 0.4
    assert classification.best_threshold(present, scores) == pytest.approx((0.4, 2 / 3))


def test_best_threshold_where_one_side_is_empty():
    assert classification.best_threshold(np.array([True, True]), np.array([0.3, 0.6])) == (0.3, 1.0)
    assert classification.best_threshold(np.array([False, False]), np.array([0.3, 0.6])) == (0.3, 0.0)


def test_average_precision_by_hand():
    # ranks: hit (precision 1), miss, hit (2/3), miss; recall rises by a half at each hit
    present = np.array([True, False, True, False])
    assert ranking.average_precision(present, np.array([0.9, 0.8, 0.7, 0.1]), ONE) == pytest.approx((1 + 2 / 3) / 2)
    # all tied: one step, whose precision is the prevalence
    assert ranking.average_precision(present, np.full(4, 0.5), ONE) == pytest.approx(0.5)
    assert np.isnan(ranking.average_precision(np.zeros(4, bool), np.full(4, 0.5), ONE))


def test_roc_auc_by_hand():
    present = np.array([True, False, True, False])
    # pairs (0.9, 0.8) (0.9, 0.1) (0.7, 0.1) are right, (0.7, 0.8) is wrong
    assert ranking.roc_auc(present, np.array([0.9, 0.8, 0.7, 0.1]), ONE) == pytest.approx(3 / 4)
    assert ranking.roc_auc(present, np.full(4, 0.5), ONE) == pytest.approx(0.5)


def test_calibration_by_hand():
    present = np.array([True, False, True, True])
    scores = np.array([0.15, 0.15, 0.85, 0.85])
    # two bins of two: gaps |0.15 - 0.5| and |0.85 - 1|
    assert calibration.expected_calibration_error(present, scores, ONE) == pytest.approx((0.35 + 0.15) / 2)
    parts = calibration.brier_parts(present, scores, ONE)
    assert parts.reliability == pytest.approx((0.35**2 + 0.15**2) / 2)
    assert parts.resolution == pytest.approx((0.25**2 + 0.25**2) / 2)
    assert parts.uncertainty == pytest.approx(0.75 * 0.25)
    assert calibration.reliability_curve(present, scores) == [
        pytest.approx((0.15, 0.5, 2)),
        pytest.approx((0.85, 1.0, 2)),
    ]


def test_calibration_of_nothing_is_undefined():
    # regression: a resample without a labelled sentence counted as one of error 0 and resolution 0
    present, scores, nothing = np.array([True, False]), np.array([0.9, 0.2]), np.zeros(2)
    assert np.isnan(calibration.expected_calibration_error(present, scores, nothing))
    assert np.isnan(calibration.brier_parts(present, scores, nothing)).all()


def test_score_of_one_lies_in_the_last_bin():
    assert calibration.bin_of(np.array([0.0, 0.1, 0.95, 1.0])).tolist() == [0, 1, 9, 9]


def test_grade_of_a_probability():
    # threshold 0.4: weak from 0.4, strong from half-way between it and 1
    assert grades.grade_of(np.array([0.39, 0.4, 0.69, 0.7]), 0.4).tolist() == [0, 1, 1, 2]


def test_quadratic_kappa_by_hand():
    one, other = np.array([0, 0, 2, 2]), np.array([0, 1, 2, 2])
    # observed disagreement 1 (one cell of distance 1) over 4 items; expected: sum of row * column * distance / 4
    expected = (2 * 1 * 1 + 2 * 2 * 4 + 2 * 1 * 4 + 2 * 1 * 1) / 4
    assert grades.quadratic_kappa(one, other, ONE) == pytest.approx(1 - 1 / expected)
    assert np.isnan(grades.quadratic_kappa(np.zeros(4, int), np.zeros(4, int), ONE))


def test_spearman_of_a_constant_is_undefined():
    assert np.isnan(grades.spearman(np.array([0, 1, 2, 0]), np.full(4, 0.5), ONE))


def test_krippendorff_alpha_by_hand():
    one, other = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])
    # coincidences: (0,0) 2, (0,1) 1, (1,0) 1, (1,1) 2, (2,2) 2; frequencies 3, 3, 2 of 8.
    # ordinal distances squared: 0-1: (3+3-3)^2 = 9, 1-2: (3+2-2.5)^2 = 6.25, 0-2: (3+3+2-2.5)^2 = 30.25
    observed = 2 * 9
    expected = 2 * (3 * 3 * 9 + 3 * 2 * 6.25 + 3 * 2 * 30.25)
    assert agreement.krippendorff_alpha(one, other, ONE) == pytest.approx(1 - 7 * observed / expected)
    assert np.isnan(agreement.krippendorff_alpha(np.zeros(4, int), np.zeros(4, int), ONE))


def test_krippendorff_alpha_on_a_published_example():
    # Krippendorff 2011, section B: two observers, binary, ten items, alpha = 0.095
    a = np.array([0, 1, 0, 0, 0, 0, 0, 0, 1, 0])
    b = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    assert agreement.krippendorff_alpha(a, b, np.ones(10)) == pytest.approx(0.095, abs=5e-4)


def test_span_matches_by_hand():
    gold, predicted = [(0, 10), (20, 30)], [(0, 10), (12, 16), (25, 35)]
    assert spans.exact(gold, predicted) == (3, 1, 2, 1)
    assert spans.overlap(gold, predicted) == (3, 2, 2, 2)
    assert spans.characters(gold, predicted) == (24, 15, 20, 15)


def test_touching_spans_do_not_overlap():
    assert spans.overlap([(0, 5)], [(5, 9)]) == (1, 0, 1, 0)


def test_span_f1_where_nothing_is_found():
    matches = np.array([spans.exact([(0, 3)], []), spans.exact([], [])], dtype=float)
    precision, recall, f1 = spans.f1(matches, np.ones(2))
    assert np.isnan(precision)
    assert (recall, f1) == (0, 0)
