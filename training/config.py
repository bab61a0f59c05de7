"""Training configurations: YAML into frozen dataclasses, nothing unknown let through."""

import difflib
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

from .corpora import CORPORA
from .protocols import PROTOCOLS


class ConfigError(ValueError):
    """A configuration that cannot be used. The message names the file, the field and the remedy."""


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """One corpus of the mixture."""

    name: str
    """A key of ``training.corpora.CORPORA``."""
    share: float = 1.0
    """Share of the rows that one epoch draws, anew each epoch."""
    soft: bool = True
    """Whether the teacher's word is mixed in, where ``soft_share`` asks for it; else its labels are all there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network is trained, whatever the data."""

    name: str
    encoder: str
    """A folder, a hub id, or an installed package that carries the files in its folder ``model``."""
    epochs: int
    learning_rate: float
    """Peak rate of the encoder; linear warm-up, linear decay."""
    head_learning_rate: float
    batch_size: int = 32
    warmup: float = 0.06
    """Share of the steps."""
    weight_decay: float = 0.01
    dropout: float = 0.1
    token_loss_weight: float = 1.0
    average_decay: float = 0.0
    """Decay per step of an exponential moving average of the weights, which is then what is kept; 0 for none."""
    max_tokens: int = 160
    """Training texts are cut here; scoring reads longer ones in windows."""
    seed: int = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(Recipe):
    """Everything that decides the weights of a checkpoint, but for the data themselves."""

    corpora: tuple[CorpusConfig, ...]
    dev: str
    """Corpus that the network is for: its dev split sets the thresholds of the sentences, a fold is held out of its
    train split."""
    calibrate_on: tuple[str, ...]
    """Corpora whose dev splits, pooled, choose the epoch, fit the calibration and set the thresholds of spans, for
    which one alone has too few; ``dev`` is one of them."""
    soft_share: float = 0.0
    """Weight of a teacher's probabilities in the targets (see :mod:`.soft`), in [0, 1]; 0 for none."""
    alike: bool = False
    """Whether names of countries, peoples, cities, faiths … share embeddings (see :mod:`.alike`)."""
    window: int = 256
    """Tokens that the exported checkpoint reads at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkConfig(Recipe):
    """How a published protocol is run; ``name`` is a key of ``training.protocols.PROTOCOLS``."""

    repeats: int = 1
    """Runs per test part, each with the next seed."""
    refit: bool = False
    """Train anew on the whole training part, dev part included, once the dev part has chosen epoch and threshold."""


_BOUNDS: dict[str, tuple[str, Callable[[float], bool]]] = {
    **dict.fromkeys(("epochs", "batch_size", "repeats"), ("at least 1", lambda value: value >= 1)),
    **dict.fromkeys(("learning_rate", "head_learning_rate"), ("above 0", lambda value: value > 0)),
    **dict.fromkeys(("weight_decay", "token_loss_weight"), ("at least 0", lambda value: value >= 0)),
    **dict.fromkeys(("warmup", "dropout", "average_decay"), ("from 0 to below 1", lambda value: 0 <= value < 1)),
    **dict.fromkeys(("max_tokens", "window"), ("at least 8", lambda value: value >= 8)),
    "share": ("above 0 and at most 1", lambda value: 0 < value <= 1),
    "soft_share": ("from 0 to 1", lambda value: 0 <= value <= 1),
    "seed": ("from 0 to below 2**32", lambda value: 0 <= value < 2**32),
}
"""What a number has to be, by field."""


def load_config(file: Path) -> TrainConfig:
    """Read a training configuration. A field ``base`` names a file beside it whose fields it takes over.

    Raises
    ------
    ConfigError
        For a file that is not a mapping, an unknown field (with the nearest known one), a missing field, or a value of
        the wrong type or out of bounds.
    """
    config = _build(TrainConfig, _document(file), str(file))
    if not isinstance(config.corpora, list) or not config.corpora:
        raise ConfigError(f"{file}: field corpora must be a list of corpora")
    corpora = tuple(
        _build(CorpusConfig, corpus, f"{file}: corpora[{index}]") for index, corpus in enumerate(config.corpora)
    )
    for index, corpus in enumerate(corpora):
        _require(corpus.name, CORPORA, "corpus", f"{file}: corpora[{index}]")
    _require(config.dev, CORPORA, "corpus", f"{file}: field dev")
    if not isinstance(config.calibrate_on, list) or not config.calibrate_on:
        raise ConfigError(f"{file}: field calibrate_on must be a list of corpora")
    for name in config.calibrate_on:
        _require(str(name), CORPORA, "corpus", f"{file}: field calibrate_on")
    if config.dev not in config.calibrate_on:
        raise ConfigError(f"{file}: field calibrate_on lacks {config.dev}, the corpus of field dev; add it")
    return replace(config, corpora=corpora, calibrate_on=tuple(config.calibrate_on))


def load_benchmark(file: Path) -> BenchmarkConfig:
    """Read the configuration of a benchmark; raises as :func:`load_config` does."""
    config: BenchmarkConfig = _build(BenchmarkConfig, _document(file), str(file))
    _require(config.name, PROTOCOLS, "benchmark", f"{file}: field name")
    return config


def filled(stored: Mapping[str, Any], kind: type[Recipe]) -> dict[str, Any]:
    """A configuration as a record has it, with the defaults of the fields that came after the record."""
    found = _defaults(kind) | dict(stored)
    if "corpora" in found:
        found["corpora"] = [_defaults(CorpusConfig) | corpus for corpus in found["corpora"]]
    return found


def _defaults(kind: type) -> dict[str, Any]:
    return {field.name: field.default for field in fields(kind) if field.default is not MISSING}


def _document(file: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The content of a YAML file, laid over that of the file which its field ``base`` names, if any."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # the latter where it is not UTF-8
        raise ConfigError(f"{file}: not valid YAML: {error}") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{file}: must be a mapping of fields to values, is {type(document).__name__}")
    if "base" not in document:
        return document
    if file.resolve() in above:
        raise ConfigError(f"{file}: field base leads back to it")
    base = file.parent / str(document.pop("base"))
    return _document(base, (*above, file.resolve())) | document


def _require(name: str, known: Collection[str], kind: str, where: str) -> None:
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {nearest[0]}?" if nearest else f"; known are {', '.join(known)}"
        raise ConfigError(f"{where}: unknown {kind} {name}{hint}")


def _build(kind: type, document: Any, where: str) -> Any:
    if not isinstance(document, dict):
        raise ConfigError(f"{where}: must be a mapping of fields to values, is {type(document).__name__}")
    known = {field.name: field for field in fields(kind)}
    for name in document:
        _require(str(name), known, "field", where)
    for name, field in known.items():
        if name not in document and field.default is MISSING:
            raise ConfigError(f"{where}: field {name} is missing")
    values = {name: _typed(known[name].type, value, f"{where}: field {name}") for name, value in document.items()}
    for name, (expected, holds) in _BOUNDS.items():
        if name in values and not (holds(values[name]) and math.isfinite(values[name])):
            raise ConfigError(f"{where}: field {name}: must be {expected}, is {values[name]!r}")
    return kind(**values)


def _typed(expected: Any, value: Any, where: str) -> Any:
    if expected is float and type(value) in (int, str):
        try:
            return float(value)  # YAML reads 1e-4, without a point, as a string
        except (ValueError, OverflowError):
            pass
    if expected in (bool, int, float, str) and type(value) is not expected:
        raise ConfigError(f"{where}: must be {expected.__name__}, is {value!r}")
    return value
