"""Training configurations: YAML into frozen dataclasses, nothing unknown let through."""

import difflib
from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

from .corpora import CORPORA


class ConfigError(ValueError):
    """A configuration that cannot be used. The message names the file, the field and the remedy."""


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """One corpus of the mixture."""

    name: str
    """A key of ``training.corpora.CORPORA``."""
    share: float = 1.0
    """Share of the rows that one epoch draws, anew each epoch."""
    loss_weight: float = 1.0
    """Factor on the losses of its rows."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Everything that decides the weights, but for the data themselves."""

    name: str
    encoder: str
    """A folder, a hub id, or an installed package that carries the files in its folder ``model``."""
    corpora: tuple[CorpusConfig, ...]
    dev: str
    """Corpus whose dev split chooses the epoch."""
    calibrate_on: tuple[str, ...]
    """Corpora whose dev splits, pooled, fit the calibration and set the thresholds."""
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
    window: int = 256
    """Tokens that the exported checkpoint reads at once."""
    seed: int = 13


def load_config(file: Path) -> TrainConfig:
    """Read a training configuration.

    Raises
    ------
    ConfigError
        For a file that is not a mapping, an unknown field (with the nearest known one), a missing field, or a value of
        the wrong type.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{file}: not valid YAML: {error}") from None
    config = _build(TrainConfig, document, str(file))
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
    if expected in (int, float, str) and (not isinstance(value, expected) or isinstance(value, bool)):
        raise ConfigError(f"{where}: must be {expected.__name__}, is {value!r}")
    return value
