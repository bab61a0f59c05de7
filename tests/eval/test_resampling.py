import tracemalloc

import numpy as np
import pytest
from scipy import stats

from reportedly.eval.resampling import article_weights, bca, estimates, replicate


def mean_of(values):
    return lambda weights: {"mean": weights @ values / weights.sum(axis=-1)}


def test_bca_agrees_with_scipy_where_every_sentence_is_an_article():
    values = np.random.default_rng(0).exponential(size=80)
    ours = estimates(replicate(mean_of(values), np.arange(80), resamples=9999))["mean"]
    theirs = stats.bootstrap((values,), np.mean, n_resamples=9999, rng=1).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.02)
    assert ours.high == pytest.approx(theirs.high, abs=0.02)


def test_articles_are_drawn_whole():
    articles = np.array([0, 0, 1, 2, 2, 2])
    weights = np.concatenate(list(article_weights(articles, 250, seed=0)))
    assert weights.shape == (250, 6)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3] == weights[:, 5]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_articles_widen_the_interval():
    # ten articles of ten equal sentences hold ten facts, not a hundred
    values = np.repeat(np.arange(10) % 2, 10).astype(float)
    by_article = estimates(replicate(mean_of(values), np.repeat(np.arange(10), 10)))["mean"]
    by_sentence = estimates(replicate(mean_of(values), np.arange(100)))["mean"]
    assert by_article.high - by_article.low > 2 * (by_sentence.high - by_sentence.low)


def test_same_seed_same_interval():
    values = np.random.default_rng(0).random(30)
    first, second = (estimates(replicate(mean_of(values), np.arange(30), resamples=200, seed=5)) for _ in range(2))
    assert first == second


def test_bca_falls_back_to_percentiles_at_the_edge():
    resampled = np.linspace(0, 1, 101)
    assert bca(1.5, resampled, np.full(5, 1.4)) == pytest.approx((0.025, 0.975))


def test_undefined_value_has_no_interval():
    assert np.isnan(bca(float("nan"), np.array([1.0]), np.array([1.0]))).all()


@pytest.mark.parametrize(
    ("values", "articles"),
    [(np.arange(8) % 2, np.arange(8) // 2), (np.ones(8), np.arange(8))],
    ids=["four articles", "all agree"],
)
def test_no_interval_where_it_would_feign_certainty(values, articles):
    # regression: the interval of one article, or of a recall of 1, had no width
    value, low, high = estimates(replicate(mean_of(values.astype(float)), articles))["mean"]
    assert value == values.mean()
    assert np.isnan([low, high]).all()


def test_draws_do_not_depend_on_how_many_are_held_at_once():
    articles = np.array([0, 0, 1, 2, 2, 2])
    at_once = np.random.default_rng(7).multinomial(3, np.full(3, 1 / 3), size=250)[:, articles]
    np.testing.assert_array_equal(np.concatenate(list(article_weights(articles, 250, seed=7))), at_once)


def test_each_article_is_left_out_once():
    # more articles than are left out at once; without article i the mean of 0 … 249 is (31125 - i) / 249
    left_out = replicate(mean_of(np.arange(250.0)), np.arange(250), resamples=1).jackknife["mean"]
    np.testing.assert_allclose(left_out, (31125 - np.arange(250)) / 249)


def test_memory_grows_with_the_sentences_not_with_their_square():
    # regression: the weights without each article were one table of articles by sentences, 20 GB for 50,000 sentences
    peaks = []
    for count in (1500, 3000):
        tracemalloc.start()
        replicate(mean_of(np.ones(count)), np.arange(count), resamples=100)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.2 * peaks[0]


def test_of_many_articles_parts_are_left_out_and_the_acceleration_stays():
    values = np.random.default_rng(0).exponential(size=5000)
    jackknife = replicate(mean_of(values), np.arange(5000), resamples=1).jackknife["mean"]
    assert jackknife.shape == (1000,)
    gaps = jackknife.mean() - jackknife
    # of a mean: a sixth of the skewness over the root of the count (Efron 1987, section 2)
    expected = stats.skew(values) / (6 * np.sqrt(5000))
    assert (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5) == pytest.approx(expected, rel=0.25)
