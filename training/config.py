"""Training configurations: YAML into frozen dataclasses, nothing unknown let through."""

import difflib
from collections.abc import Collection
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
    members: int = 1
    """Networks trained from one start, each with a seed of its own, and averaged into one (a model soup)."""
    max_tokens: int = 160
    """Training texts are cut here; scoring reads longer ones in windows."""
    seed: int = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig(Recipe):
    """Everything that decides the weights of a checkpoint, but for the data themselves."""

    corpora: tuple[CorpusConfig, ...]
    dev: str
    """Corpus that the network is for: a fold is held out of its train split."""
    calibrate_on: tuple[str, ...]
    """Corpora whose dev splits, pooled, choose the epoch, fit the calibration and set the thresholds."""
    soft_share: float = 0.0
    """Weight of a teacher's probabilities in the targets (see :mod:`.soft`), in [0, 1]; 0 for none."""
    window: int = 256
    """Tokens that the exported checkpoint reads at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkConfig(Recipe):
    """How a published protocol is run; ``name`` is a key of ``training.protocols.PROTOCOLS``."""

    repeats: int = 1
    """Runs per test part, each with the next ``members`` seeds."""
    refit: bool = False
    """Train anew on the whole training part, dev part included, once the dev part has chosen epoch and threshold."""


def load_config(file: Path) -> TrainConfig:
    """Read a training configuration. A field ``base`` names a file beside it whose fields it takes over.

    Raises
    ------
    ConfigError
        For a file that is not a mapping, an unknown field (with the nearest known one), a missing field, or a value of
        the wrong type.
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
    return replace(config, corpora=corpora, calibrate_on=tuple(config.calibrate_on))


def load_benchmark(file: Path) -> BenchmarkConfig:
    """Read the configuration of a benchmark; raises as :func:`load_config` does."""
    config: BenchmarkConfig = _build(BenchmarkConfig, _document(file), str(file))
    _require(config.name, PROTOCOLS, "benchmark", f"{file}: field name")
    return config


def _document(file: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The content of a YAML file, laid over that of the file which its field ``base`` names, if any."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file") from None
    except yaml.YAMLError as error:
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
    return kind(**{name: _typed(known[name].type, value, f"{where}: field {name}") for name, value in document.items()})


def _typed(expected: Any, value: Any, where: str) -> Any:
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if expected in (bool, int, float, str) and type(value) is not expected:
        raise ConfigError(f"{where}: must be {expected.__name__}, is {value!r}")
    return value
