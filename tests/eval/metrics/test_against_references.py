"""Our measures against scikit-learn, scipy and nervaluate, with integer weights as repeated rows."""

import nervaluate
import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as reference

from reportedly.eval.metrics import agreement, calibration, classification, grades, ranking, spans


@pytest.fixture(params=range(5))
def sample(request):
    """Truth, scores with many ties, grades, and how often each item counts (0 to 3 times)."""
    rng = np.random.default_rng(request.param)
    present = rng.random(60) < 0.3
    scores = np.round(np.clip(0.35 * present + 0.5 * rng.random(60), 0, 1), 1)
    grade = np.where(present, rng.integers(1, 3, 60), 0)
    return present, scores, grade, rng.integers(0, 4, 60).astype(float)


def repeated(weights, *arrays):
    return [np.repeat(array, weights.astype(int)) for array in arrays]


def test_classification(sample):
    present, scores, _, weights = sample
    flagged = scores >= 0.5
    counts = classification.confusion(present, flagged, weights)
    truth, said = repeated(weights, present, flagged)
    assert classification.precision(counts) == pytest.approx(reference.precision_score(truth, said))
    assert classification.recall(counts) == pytest.approx(reference.recall_score(truth, said))
    assert classification.f1(counts) == pytest.approx(reference.f1_score(truth, said))
    assert classification.balanced_accuracy(counts) == pytest.approx(reference.balanced_accuracy_score(truth, said))
    assert classification.mcc(counts) == pytest.approx(reference.matthews_corrcoef(truth, said))
    assert classification.cohen_kappa(counts) == pytest.approx(reference.cohen_kappa_score(truth, said))


@pytest.mark.parametrize("metric", ["binary", "macro"])
def test_best_threshold(sample, metric):
    present, scores, _, _ = sample
    tried = {
        float(at): reference.f1_score(present, scores >= at, average=metric, zero_division=0)
        for at in np.unique(scores)
    }
    threshold, value = classification.best_threshold(present, scores, metric)
    assert value == pytest.approx(max(tried.values()))
    assert tried[threshold] == pytest.approx(value)


def test_ranking(sample):
    present, scores, _, weights = sample
    truth, ranked = repeated(weights, present, scores)
    assert ranking.average_precision(present, scores, weights) == pytest.approx(
        reference.average_precision_score(truth, ranked)
    )
    assert ranking.roc_auc(present, scores, weights) == pytest.approx(reference.roc_auc_score(truth, ranked))


def test_precision_recall_curve(sample):
    present, scores, _, _ = sample
    precision, recall, thresholds = reference.precision_recall_curve(present, scores)
    ours = ranking.precision_recall_curve(present, scores)
    expected = list(zip(recall[:-1], precision[:-1], thresholds, strict=True))[::-1]
    np.testing.assert_allclose(ours, expected)


def test_brier(sample):
    present, scores, _, weights = sample
    truth, said = repeated(weights, present, scores)
    assert calibration.brier(present, scores, weights) == pytest.approx(reference.brier_score_loss(truth, said))
    parts = calibration.brier_parts(present, scores, weights)
    total = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bin
    assert total == pytest.approx(reference.brier_score_loss(truth, said))
    # all scores of a bin are equal here (one decimal), so the decomposition of Murphy is exact
    assert parts.within_bin == pytest.approx(0, abs=1e-12)


def test_reliability_curve(sample):
    from sklearn.calibration import calibration_curve

    present, _, _, _ = sample
    scores = np.random.default_rng(1).random(60)
    rate, mean = calibration_curve(present, scores, n_bins=calibration.BINS)
    ours = calibration.reliability_curve(present, scores)
    np.testing.assert_allclose([point.rate for point in ours], rate)
    np.testing.assert_allclose([point.mean_score for point in ours], mean)


def test_grades(sample):
    _, scores, grade, weights = sample
    said = grades.grade_of(scores, 0.4)
    truth, other, ranked = repeated(weights, grade, said, scores)
    assert grades.quadratic_kappa(grade, said, weights) == pytest.approx(
        reference.cohen_kappa_score(truth, other, weights="quadratic")
    )
    assert grades.spearman(grade, scores, weights) == pytest.approx(stats.spearmanr(truth, ranked).statistic)


def test_resamples_at_once(sample):
    present, scores, grade, _ = sample
    weights = np.random.default_rng(3).integers(0, 4, (7, 60)).astype(float)
    for measure in (
        lambda w: ranking.average_precision(present, scores, w),
        lambda w: ranking.roc_auc(present, scores, w),
        lambda w: calibration.expected_calibration_error(present, scores, w),
        lambda w: calibration.brier_parts(present, scores, w).reliability,
        lambda w: grades.quadratic_kappa(grade, grades.grade_of(scores, 0.4), w),
        lambda w: grades.spearman(grade, scores, w),
        lambda w: agreement.krippendorff_alpha(grade, grades.grade_of(scores, 0.4), w),
        lambda w: classification.f1(classification.confusion(present, scores > 0.4, w)),
    ):
        np.testing.assert_allclose(measure(weights), [measure(row) for row in weights])


def test_spans_against_nervaluate():
    gold = [[(0, 8), (20, 29)], [(5, 9)], [], [(3, 6), (10, 14)]]
    predicted = [[(0, 8), (22, 25)], [], [(1, 4)], [(3, 6), (11, 15)]]
    as_entities = [
        [[{"label": "X", "start": s, "end": e} for s, e in row] for row in side] for side in (gold, predicted)
    ]
    # "ent_type" of nervaluate matches on any overlap where there is one label only
    report = nervaluate.Evaluator(*as_entities, tags=["X"], loader="dict").evaluate()["overall"]
    for ours, theirs in ((spans.exact, "strict"), (spans.overlap, "ent_type")):
        matches = np.array([ours(*pair) for pair in zip(gold, predicted, strict=True)], dtype=float)
        precision, recall, f1 = spans.f1(matches, np.ones(4))
        assert precision == pytest.approx(report[theirs].precision)
        assert recall == pytest.approx(report[theirs].recall)
        assert f1 == pytest.approx(report[theirs].f1)
