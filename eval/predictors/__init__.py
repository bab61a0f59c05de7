"""Systems that predict a corpus: our checkpoint, any Hugging Face classifier, and the baselines of every report."""

from collections.abc import Callable

from ..corpus import Corpus
from ..predictions import Predictions
from . import lexicon, majority, tfidf, wordlist

BASELINES: dict[str, Callable[[Corpus, Corpus], Predictions]] = {
    "wordlist": wordlist.predict,
    "lexicon": lexicon.predict,
    "tfidf": tfidf.predict,
    "majority": majority.predict,
}
"""Name to a function of the corpus to learn from and the corpus to predict."""
FITTED = frozenset({"lexicon", "tfidf"})
"""Those that remember sentences they learnt from; the others count a few rates."""
