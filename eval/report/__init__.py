"""Pages rendered from ``results.json`` and from nothing else."""

from .pages import write_report

__all__ = ["write_report"]
