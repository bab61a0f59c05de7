"""The ``news-framing`` task of ``transformers.pipeline``."""

import shutil
from collections.abc import Iterable, Iterator, Sized
from itertools import islice
from math import isnan
from numbers import Real
from pathlib import Path
from typing import Any, Literal

from transformers import AutoModelForSequenceClassification
from transformers.pipelines import PIPELINE_REGISTRY, Pipeline

from .axes import AXES
from .backends.pytorch import TorchBackend
from .loading import CARD, CHECKSUMS, HASHED, SHIPPED, open_checkpoint
from .network import Network
from .results import SentenceScores
from .scorer import Scorer, items

TASK = "news-framing"
_TEXTS_PER_CHUNK = 2048

OnNone = Literal["error", "null"]


class NewsFramingPipeline(Pipeline):
    """Scores each text as one sentence, as :class:`~reportedly.Scorer` does.

    A string gives one result, a list or a column of a dataset or data frame a list, an iterator an iterator.
    Each result is a dictionary with the same keys, in the same order: ``text``, ``scores`` and ``flags`` (by axis),
    ``voice``, ``evidence`` (a list of ``axis``, ``start``, ``end``, ``text``, ``score``, ``voice``), ``windows`` and
    ``language`` (an ISO 639 code, or ``None`` where the text is too short or mixed to tell).

    Parameters
    ----------
    on_none
        For ``None``, or the NaN of a data frame, among the texts: ``"error"`` (the default) names its index,
        ``"null"`` gives a result of the same keys without values.
    batch_size, num_workers
        Taken, as every pipeline does, and without effect: batches are filled by tokens.
    """

    _load_tokenizer = True
    _load_processor = False
    _load_image_processor = False
    _load_feature_extractor = False

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        checkpoint = open_checkpoint(self.model.name_or_path)
        network = Network(self.model)
        network.load_span_head(checkpoint.path)
        self.scorer = Scorer(checkpoint, TorchBackend(network, self.device, self.model.dtype))

    def __call__(self, inputs: str | Iterable[str | None], **options: Any) -> Any:
        """Score a string, a sized collection or an iterator of strings."""
        _, _, given = self._sanitize_parameters(**options)
        on_none: OnNone = given.get("on_none", self._postprocess_params.get("on_none", "error"))
        if isinstance(inputs, str):
            return self._run([inputs], 0, on_none)[0]
        results = self._stream(items(inputs, "inputs"), on_none)
        return list(results) if isinstance(inputs, Sized) else results

    def save_pretrained(self, save_directory: str | Path, **options: Any) -> None:
        """Copy the checkpoint, which is all that loading needs: the code of a task is not to ride with weights."""
        # the others, as max_shard_size, come from transformers' own push_to_hub and say nothing of a copy
        if options.get("push_to_hub"):
            raise TypeError("push_to_hub is no option here; call push_to_hub() of the pipeline")
        if Path(save_directory).resolve() == self.scorer.checkpoint.path.resolve():
            return
        Path(save_directory).mkdir(parents=True, exist_ok=True)
        for name in (*HASHED, CHECKSUMS, CARD):
            if (file := self.scorer.checkpoint.path / name).is_file():
                shutil.copy(file, save_directory)

    def preprocess(self, texts: list[str | None], first: int, on_none: OnNone) -> list[str]:
        """Refuse what is not a string, naming its index; leave out ``None`` where that is asked for."""
        for index, text in enumerate(texts, start=first):
            if _is_missing(text):
                if on_none == "error":
                    raise ValueError(
                        f'item {index} is {text}; drop it, or pass on_none="null" for a result without values'
                    )
            elif not isinstance(text, str):
                raise TypeError(f"item {index} is {type(text).__name__}, expected str")
        return [text for text in texts if isinstance(text, str)]

    def postprocess(self, texts: list[str | None], scored: list[SentenceScores]) -> list[dict[str, Any]]:
        """Put the results in the order of the texts, as builtins."""
        remaining = iter(scored)
        return [_without_offsets(next(remaining)) if isinstance(text, str) else _null() for text in texts]

    def _forward(self, texts: list[str]) -> list[SentenceScores]:
        return self.scorer(texts)

    def _run(self, texts: list[str | None], first: int, on_none: OnNone) -> list[dict[str, Any]]:
        return self.postprocess(texts, self._forward(self.preprocess(texts, first, on_none)))

    def _stream(self, texts: Iterator[str | None], on_none: OnNone) -> Iterator[dict[str, Any]]:
        first = 0
        while chunk := list(islice(texts, _TEXTS_PER_CHUNK)):
            yield from self._run(chunk, first, on_none)
            first += len(chunk)

    def _sanitize_parameters(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        unknown = set(options) - {"on_none", "batch_size", "num_workers"}
        if unknown:
            raise TypeError(f"unknown option {', '.join(sorted(unknown))}; known is on_none")
        if options.get("on_none", "error") not in ("error", "null"):
            raise ValueError(f'on_none is {options["on_none"]!r}, expected "error" or "null"')
        return {}, {}, options


def _is_missing(text: object) -> bool:
    """Whether a column has no value there: ``None``, or NaN, NA or NaT as pandas has it."""
    return text is None or type(text).__name__ in ("NAType", "NaTType") or (isinstance(text, Real) and isnan(text))


def _null() -> dict[str, Any]:
    return {
        "text": None,
        "scores": dict.fromkeys(map(str, AXES)),
        "flags": dict.fromkeys(map(str, AXES)),
        "voice": None,
        "evidence": [],
        "windows": 0,
        "language": None,
    }


def _without_offsets(result: SentenceScores) -> dict[str, Any]:
    """A result as builtins, for a text that is in no document."""
    return {name: value for name, value in result.to_dict().items() if name not in ("start", "end")}


PIPELINE_REGISTRY.register_pipeline(
    TASK,
    pipeline_class=NewsFramingPipeline,
    pt_model=AutoModelForSequenceClassification,
    default={"model": (str(SHIPPED), "main")},  # a folder has no revision, but the registry wants one
)
