"""Networks trained from one start, averaged into one."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path

import torch
from rich.console import Console

from ..model.network import Network
from .allocator import keep_freed_memory
from .config import Recipe
from .trainer import Data, Trainer


def fit_members(
    start: Network,
    data: Data,
    config: Recipe,
    folder: Path,
    console: Console,
    until: Mapping[int, int] | None = None,
) -> tuple[Network, dict[int, list[dict]]]:
    """Train the members from one start, and average their weights: a uniform soup (Wortsman et al. 2022, section 2).

    The heads start alike too, without which their average would mean nothing.

    Parameters
    ----------
    until
        Per seed, the epoch after which to stop. [default: the last one]

    Returns
    -------
    network
        On the CPU or GPU that it was trained on.
    histories
        Per seed, the dev metrics of each epoch.
    """
    keep_freed_memory()
    histories, members = {}, []
    for seed in range(config.seed, config.seed + config.members):
        trainer = Trainer(deepcopy(start), data, config, folder / str(seed), seed)
        histories[seed] = trainer.fit(console, None if until is None else until[seed])
        members.append(trainer.network)
    return average(members), histories


def average(networks: Sequence[Network]) -> Network:
    """A network whose every weight is the mean of those of ``networks``."""
    mean = deepcopy(networks[0])
    with torch.no_grad():
        for target, *sources in zip(mean.parameters(), *(network.parameters() for network in networks), strict=True):
            target.copy_(torch.stack(sources).mean(0))
    return mean
