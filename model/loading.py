"""The checkpoint folder: its files, their integrity, and the settings that travel with the weights."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .axes import AXES, Axis

SHIPPED = Path(__file__).parent / "checkpoint"
"""The folder of the checkpoint that comes with the package."""
CHECKSUMS = "SHA256SUMS"
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
SPAN_HEAD = "spans.safetensors"
TOKENIZER = "tokenizer.json"
CARD = "README.md"
HASHED = (CONFIG, WEIGHTS, SPAN_HEAD, TOKENIZER, "tokenizer_config.json")


class CheckpointError(ValueError):
    """A folder that is not an intact ``reportedly`` checkpoint. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An intact checkpoint folder, verified but not yet loaded."""

    path: Path
    hash: str
    """First 16 hex digits of the SHA-256 of the list of checksums: names the weights, head, tokenizer and config."""
    thresholds: dict[Axis, float]
    """Probability from which an axis counts as present."""
    span_thresholds: dict[Axis, float]
    """Probability from which a word counts as evidence."""
    window: int
    """Tokens that the model reads at once, special ones included."""
    chosen_on: tuple[str, ...]
    """Splits, as ``CORPUS/SPLIT``, that chose epoch, calibration and thresholds."""


def open_checkpoint(path: str | Path | None = None) -> Checkpoint:
    """Verify a checkpoint folder, by default the shipped one, and read its settings.

    Raises
    ------
    CheckpointError
        Where a file is missing, differs from its checksum, or does not carry the four axes.
    """
    folder = SHIPPED if path is None else Path(path)
    if not folder.is_dir():
        raise CheckpointError(f"{folder}: no such folder; give the path of a reportedly checkpoint")
    listing = verify_checksums(folder, HASHED)
    settings = _settings(folder)
    return Checkpoint(
        path=folder,
        hash=hashlib.sha256(listing).hexdigest()[:16],
        thresholds=_per_axis(folder, settings, "thresholds"),
        span_thresholds=_per_axis(folder, settings, "span_thresholds"),
        window=int(settings["window"]),
        chosen_on=tuple(
            part.strip()
            for name in ("thresholds_chosen_on", "calibrated_on")
            for part in str(settings.get(name, "")).split(",")
        ),
    )


def write_checksums(folder: Path, names: Sequence[str] = HASHED) -> None:
    """Write ``SHA256SUMS`` in the format of ``sha256sum``, for :func:`verify_checksums`."""
    lines = [f"{digest(folder / name)}  {name}\n" for name in names]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="ascii")


def verify_checksums(folder: Path, names: Sequence[str]) -> bytes:
    """Compare files with their lines in ``SHA256SUMS``, and return what it holds.

    Raises
    ------
    CheckpointError
        Where one is missing or differs.
    """
    listing = _read(folder / CHECKSUMS)
    expected = {
        name: digest
        for digest, _, name in (line.partition("  ") for line in listing.decode("ascii", "replace").splitlines())
    }
    for name in names:
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder / name}: missing; copy the whole checkpoint folder again")
        if digest(folder / name) != expected.get(name):
            raise CheckpointError(
                f"{folder / name}: differs from its line in {CHECKSUMS}; the file was changed or cut short, "
                "copy the checkpoint folder again"
            )
    return listing


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(
            f"{file}: missing; {file.parent} is not a reportedly checkpoint (`reportedly train` writes one)"
        ) from None


def _settings(folder: Path) -> dict:
    try:
        settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        labels = tuple(settings["id2label"].get(str(index)) for index in range(len(AXES)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{folder / CONFIG}: not the config of a checkpoint: {error!r:.200}") from None
    if labels != AXES:
        raise CheckpointError(f"{folder / CONFIG}: field id2label is {labels}, expected {tuple(map(str, AXES))}")
    if "window" not in settings:
        raise CheckpointError(f"{folder / CONFIG}: field window is missing; export the checkpoint again")
    return settings


def _per_axis(folder: Path, settings: dict, field: str) -> dict[Axis, float]:
    try:
        return {axis: float(settings[field][axis]) for axis in AXES}
    except KeyError as error:
        raise CheckpointError(f"{folder / CONFIG}: field {field} lacks {error}; export the checkpoint again") from None


def digest(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
