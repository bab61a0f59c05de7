"""The training loop: epochs, averaging, choice of the best epoch, resuming."""

import hashlib
import json
import math
import random
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import AdamW

from ..model.axes import AXES
from ..model.network import Network
from ..model.precision import compute_device, has_bf16
from .allocator import keep_freed_memory
from .config import ConfigError, Recipe, filled
from .losses import total_loss
from .measure import by_label, run
from .mixture import Encoded, batches, collate

STATE = "state.safetensors"
_PROGRESS = "progress"
"""The history of the run, in the metadata of the state: one file, so that no kill leaves one without the other."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the loop trains on and what it is judged by."""

    corpora: list[tuple[float, list[Encoded]]]
    """Per corpus, the share that an epoch draws and its examples."""
    dev: list[Encoded]
    """Chooses the epoch; where it is empty, the last one is kept."""
    padding: int
    labels: Sequence[str] = AXES
    """What the network tells of a sentence, in the order of its logits."""


def fingerprint(data: Data, start: Network) -> str:
    """SHA-256, in hex, of what is trained and judged on, and of the network to start from."""
    found = hashlib.sha256(repr((list(map(str, data.labels)), data.padding)).encode())
    for rows in (*(rows for _, rows in data.corpora), data.dev):
        found.update(repr(len(rows)).encode())
        for row in rows:
            found.update(repr((row.input_ids, row.task, row.target)).encode())
            found.update(row.present.tobytes() + row.evidence.tobytes())
    for name, value in start.state_dict().items():
        found.update(name.encode() + value.cpu().numpy().tobytes())
    return found.hexdigest()


class Trainer:
    """Trains a network in place; :meth:`fit` leaves it with the weights of the best epoch."""

    def __init__(self, network: Network, data: Data, config: Recipe, folder: Path) -> None:
        self.device = compute_device()
        self.bf16 = has_bf16(self.device)
        self.data, self.config, self.folder = data, config, folder
        self.fingerprint = fingerprint(data, network)
        tasks = sorted({row.task for _, rows in data.corpora for row in rows if row.task})
        hidden = network.classifier.config.hidden_size
        torch.manual_seed(config.seed)  # draws the temporary heads alike in a run that is resumed
        self.network = network.to(self.device)
        self.heads = nn.ModuleDict({task: nn.Linear(hidden, 1) for task in tasks}).to(self.device)
        self.average = deepcopy(network) if config.average_decay else network
        self.steps = config.epochs * len(self._epoch_batches(0)[1])
        self.optimizer = AdamW(self._parameter_groups(), weight_decay=config.weight_decay, fused=True)
        self.history: list[dict] = []
        self.best: dict[str, Tensor] = {}

    def fit(self, console: Console, until: int | None = None) -> list[dict]:
        """Train from the last finished epoch on, and return the dev metrics of each epoch.

        Parameters
        ----------
        until
            Stop after this epoch, the schedule left as it is. [default: the last one]

        Raises
        ------
        ConfigError
            Where the folder holds the state of another run, or a broken one, or the loss is no number any more.
        """
        keep_freed_memory()
        self._restore()
        for epoch in range(len(self.history), until or self.config.epochs):
            started = time.monotonic()
            loss, sentences = self._epoch(epoch, console)
            seconds = time.monotonic() - started
            record = {"epoch": epoch + 1, "loss": loss, "sentences_per_second": sentences / seconds} | self._judge()
            if not self.data.dev or not self.history or _quality(record) > max(map(_quality, self.history)):
                self.best = {name: value.detach().clone() for name, value in self.average.state_dict().items()}
            self.history.append(record)
            self._save()
            console.print(_line(record))
        self.average.load_state_dict(self.best)
        self.network.load_state_dict(self.best)
        return self.history

    def _judge(self) -> dict:
        if not self.data.dev:
            return {}
        metrics = by_label(run(self.average, self.data.dev, self.data.padding, self.data.labels))
        mean = float(np.mean([values["average_precision"] for values in metrics.values()]))
        return {"mean_average_precision": mean, "dev": metrics}

    def _epoch(self, epoch: int, console: Console) -> tuple[float, int]:
        torch.manual_seed(self.config.seed * 1000 + epoch)
        self.network.train()
        rows, groups = self._epoch_batches(epoch)
        total, sentences = 0.0, 0
        bar = Progress(
            TextColumn(f"epoch {epoch + 1}/{self.config.epochs}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        with bar:
            shown = bar.add_task("", total=len(groups), loss=0.0)
            for number, indices in enumerate(groups):
                step = epoch * len(groups) + number
                total += self._step([rows[index] for index in indices], step)
                sentences += len(indices)
                bar.update(shown, advance=1, loss=total / (number + 1))
        return total / len(groups), sentences

    def _step(self, rows: Sequence[Encoded], step: int) -> float:
        factor = self._schedule(step)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        batch = collate(rows, self.data.padding).to(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            logits, hidden = self.network.encode(batch.input_ids, batch.attention_mask)
            token_logits = self.network.span_head(hidden)
            loss = total_loss(batch, logits, token_logits, hidden, self.heads, self.config.token_loss_weight)
        loss.backward()
        norm = nn.utils.clip_grad_norm_([*self.network.parameters(), *self.heads.parameters()], 1.0)
        loss = loss.detach()
        if not torch.isfinite(loss + norm):
            raise ConfigError(
                f"step {step + 1} of {self.steps}: the loss is {float(loss):g}, its gradient {float(norm):g}; "
                "lower learning_rate or head_learning_rate, and train to another folder"
            )
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.config.average_decay:
            self._update_average(step)
        return float(loss)

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        # the short memory at the start keeps the untrained weights out of the average
        decay = min(self.config.average_decay, (1 + step) / (10 + step))
        torch._foreach_lerp_([*self.average.parameters()], [*self.network.parameters()], 1 - decay)

    def _schedule(self, step: int) -> float:
        warmup = max(1, round(self.config.warmup * self.steps))
        return min((step + 1) / warmup, max(0.0, (self.steps - step) / max(1, self.steps - warmup)))

    def _epoch_batches(self, epoch: int) -> tuple[list[Encoded], list[list[int]]]:
        """Rows drawn for an epoch and their batches, by seed and epoch alone, so that a resumed run repeats them."""
        shuffle = random.Random(self.config.seed * 1000 + epoch)
        rows = [
            row
            for share, corpus in self.data.corpora
            for row in (corpus if share >= 1 else shuffle.sample(corpus, math.ceil(share * len(corpus))))
        ]
        return rows, list(batches(rows, self.config.batch_size, shuffle))

    def _parameter_groups(self) -> list[dict]:
        named = list(self.network.named_parameters())
        heads = [value for name, value in named if name.startswith(("classifier.classifier", "span_head"))]
        encoder = [value for name, value in named if not name.startswith(("classifier.classifier", "span_head"))]
        return [
            {"params": encoder, "peak": self.config.learning_rate},
            {"params": [*heads, *self.heads.parameters()], "peak": self.config.head_learning_rate},
        ]

    def _modules(self) -> dict[str, nn.Module]:
        return {"network": self.network, "average": self.average, "heads": self.heads}

    def _save(self) -> None:
        """Write everything that the next epoch needs, as plain tensors; the draw of an epoch needs nothing kept."""
        tensors = {
            f"{kind}/{name}": value
            for kind, module in self._modules().items()
            for name, value in module.state_dict().items()
        }
        tensors |= {f"best/{name}": value for name, value in self.best.items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{index}/{name}": value for name, value in state.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        progress = json.dumps({"config": self._settings(), "history": self.history})
        partial = self.folder / f"{STATE}.partial"
        save_file(
            {name: value.detach().clone().contiguous() for name, value in tensors.items()},
            partial,
            metadata={_PROGRESS: progress},
        )
        partial.replace(self.folder / STATE)

    def _restore(self) -> None:
        file = self.folder / STATE
        if not file.is_file():
            return
        try:
            with safe_open(file, framework="pt") as state_file:
                progress = json.loads(state_file.metadata()[_PROGRESS])
            tensors = load_file(file, device=str(self.device))
        except SafetensorError as error:
            raise ConfigError(f"{file}: not a whole state ({error}); remove it, and this run begins anew") from None
        if filled(progress["config"], type(self.config)) != self._settings():
            raise ConfigError(
                f"{self.folder}: holds a run of another configuration, of other data or from another encoder; "
                "remove it, or train to another folder"
            )
        for kind, module in self._modules().items():
            module.load_state_dict(_under(tensors, kind))
        self.best = _under(tensors, "best")
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _under(tensors, "optimizer").items():
            index, _, field = name.partition("/")
            state.setdefault(int(index), {})[field] = value
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})
        self.history = progress["history"]

    def _settings(self) -> dict:
        """What must be unchanged for a run to be resumed: the configuration, the data and the network to start from."""
        sizes = [len(rows) for _, rows in self.data.corpora]
        return json.loads(json.dumps(asdict(self.config) | {"sizes": sizes, "fingerprint": self.fingerprint}))


def _under(tensors: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    prefix = f"{kind}/"
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def best_epoch(history: Sequence[dict]) -> int:
    """The epoch, from 1, whose weights :meth:`Trainer.fit` leaves where there is a dev split."""
    return int(max(history, key=_quality)["epoch"])


def _quality(record: dict) -> float:
    return record["mean_average_precision"]


def _line(record: dict) -> str:
    line = f"epoch {record['epoch']}: loss {record['loss']:.4f}, {record['sentences_per_second']:.0f} sentences/s"
    if "dev" not in record:
        return line
    best = "  ".join(f"{label} {values['best_f1']:.3f}" for label, values in record["dev"].items())
    return f"{line}, dev AP {record['mean_average_precision']:.4f}, best F1: {best}"
