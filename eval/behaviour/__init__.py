"""The behaviour suite: cases with an expectation and a reason each, and the runner that puts a scorer to them."""

from .cases import BehaviourError, Case, Expectation, Kind, load_cases
from .run import run

__all__ = ["BehaviourError", "Case", "Expectation", "Kind", "load_cases", "run"]
