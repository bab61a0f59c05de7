"""The figures that a reader wants first, in a few lines."""

from collections.abc import Mapping
from typing import Any

from .report.pages import percent
from .results import Results


def glance(news: Results, invented: Results, held_out: Mapping[str, float], throughput: Mapping[str, Any]) -> str:
    """Accuracy, calibration, speed and behaviour as a list in Markdown.

    Parameters
    ----------
    news, invented
        Results on news3 dev and on our own corpus, whose run also has the behaviour suite.
    held_out
        Means over axes and runs, as :func:`.training_tables.held_out_means` has them.
    throughput
        What ``benchmarks/throughput.py`` wrote.
    """
    systems, behaviour = news["systems"], invented["behaviour"]
    model, *baselines = (system["macro"]["f1"]["value"] or 0.0 for system in systems.values())  # the model is first
    rates, machine = throughput["sentences_per_second"], throughput["machine"]
    fastest = max(rate for name, rate in rates.items() if name.startswith("reportedly"))
    same, roberta = (
        next(rate for name, rate in rates.items() if name.startswith("pipeline") and kind in name)
        for kind in ("same checkpoint", "RoBERTa")
    )
    lines = [
        f"- **Accuracy**: mean F1 over the four axes {held_out['f1']:.2f} on sentences of news that networks of this "
        f"recipe had not seen; {model:.2f} on `news3` dev, where the best of word "
        f"list, learnt lexicon and TF-IDF reaches {max(baselines):.2f}",
        f"- **Calibration**: expected error {held_out['calibration_error']:.3f} on those unseen sentences",
        f"- **Speed**: {fastest:,.0f} sentences/s from files to Parquet on {machine['cores']} cores "
        f"({machine['cpu']}), {fastest / same:.1f} times the usual Hugging Face pipeline with the same weights, "
        f"{fastest / roberta:.0f} times RoBERTa-base in it",
    ]
    if behaviour is not None:
        lines.append(
            f"- **Behaviour**: {percent(behaviour['pass_rate'])} of {behaviour['cases']:,} hand-written cases as they "
            "should be"
        )
    return "\n".join(lines) + "\n"
