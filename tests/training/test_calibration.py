import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve

from reportedly.training.calibration import best_threshold, platt
from reportedly.training.measure import Outputs, calibration_error, fit_calibration


def test_platt_agrees_with_an_unpenalised_logistic_regression():
    generator = np.random.default_rng(0)
    logits = generator.normal(size=20_000) * 3
    present = generator.random(20_000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    scale, shift = platt(logits, present)
    fitted = LogisticRegression(C=np.inf).fit(logits[:, None], present)
    assert scale == pytest.approx(fitted.coef_[0, 0], abs=2e-3)
    assert shift == pytest.approx(fitted.intercept_[0], abs=2e-3)


def test_platt_never_turns_the_order():
    scale, _ = platt(np.array([3.0, 2.0, -1.0, -2.0]), np.array([False, False, True, True]))
    assert scale > 0


def test_the_best_threshold_lies_half_way():
    # flags at 0.6 and over: 2 of 2 right, 2 of 3 found: F1 0.8; at 0.2 and over: 3 of 5 right, 3 of 3 found: F1 0.75
    scores = np.array([0.9, 0.6, 0.4, 0.3, 0.2])
    threshold, f1 = best_threshold(scores, np.array([True, True, False, False, True]))
    assert threshold == pytest.approx(0.5)
    assert f1 == pytest.approx(0.8)


def test_probabilities_in_the_place_of_the_truth_give_the_expected_f1():
    # flags at .8: 2 x .8 / (1 + 1.5) = .64; at .5: 2 x 1.3 / (2 + 1.5) = .743; at .2: 2 x 1.5 / (3 + 1.5) = .667
    scores = np.array([0.8, 0.5, 0.2])
    threshold, f1 = best_threshold(scores, scores)
    assert threshold == pytest.approx(0.35)
    assert f1 == pytest.approx(2.6 / 3.5)


def test_the_best_threshold_agrees_with_the_precision_recall_curve():
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 20, 300) / 20
    present = generator.random(300) < scores
    precision, recall, _ = precision_recall_curve(present, scores)
    best = (2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()
    assert best_threshold(scores, present)[1] == pytest.approx(best)


def test_a_split_without_a_positive():
    assert best_threshold(np.array([0.1, 0.2]), np.array([False, False])) == (0.5, 0.0)


def test_calibration_error_by_hand():
    # bins [0, .1): mean .05, rate .5, half the mass; [.9, 1]: mean .95, rate 1, the other half
    scores, present = np.array([0.05, 0.05, 0.95, 0.95]), np.array([True, False, True, True])
    assert calibration_error(scores, present) == pytest.approx(0.5 * 0.45 + 0.5 * 0.05)


def test_the_best_macro_threshold_by_hand():
    # flags at .9: presence 2 x 1 / (1 + 2), absence 2 x 2 / (3 + 2), mean .733; at .6 and over: 2 x 1 / (2 + 2) and
    # 2 x 1 / (2 + 2), mean .5; at .4 and over: 2 x 2 / (3 + 2) and 2 x 1 / (1 + 2), mean .733 again, and the first wins
    scores, present = np.array([0.9, 0.6, 0.4, 0.2]), np.array([True, False, True, False])
    threshold, f1 = best_threshold(scores, present, macro=True)
    assert threshold == pytest.approx(0.75)
    assert f1 == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_the_best_macro_threshold_is_the_best_of_all_thresholds():
    generator = np.random.default_rng(2)
    scores = generator.integers(0, 30, 200) / 30
    present = generator.random(200) < scores
    threshold, f1 = best_threshold(scores, present, macro=True)
    assert f1 == pytest.approx(f1_score(present, scores >= threshold, average="macro"))
    assert f1 == pytest.approx(max(f1_score(present, scores >= at, average="macro") for at in np.unique(scores)))


def test_scores_that_run_against_the_labels_are_warned_of():
    generator = np.random.default_rng(3)
    present = generator.random((600, 2)) < 0.3
    logits = generator.normal(size=(600, 2)) + np.where(present, [1.0, -1.0], 0.0)
    outputs = Outputs(["right", "turned"], logits, present, [], [])
    with pytest.warns(UserWarning, match="turned: the scores run against the labels") as warned:
        fit_calibration(outputs)
    assert len(warned) == 1
