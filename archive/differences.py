"""How groups differ from one of them, with intervals."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from ..model.axes import AXES
from .inputs import UsageError
from .summary import LAST, Estimate, Group, ordered

_NAMED = 8


def compare(groups: Sequence[Group], against: str, column: str) -> list[Group]:
    """Give each group its differences to the one that has ``against`` in the first column and shares all others.

    That group itself has none, nor has one for which there is no such group.

    Parameters
    ----------
    column
        Name of the first column, for the message.

    Raises
    ------
    UsageError
        Where no group has that value.
    """
    references = {group.key[1:]: group for group in groups if group.key[0] == against}
    if not references:
        known = ordered({group.key[0] for group in groups})
        nearest = get_close_matches(against, known, n=_NAMED) or known[:_NAMED]
        named = [*nearest, *(value for value in LAST if value in known and value not in nearest)]
        more = f" and {len(known) - len(named):,} more" if len(known) > len(named) else ""
        raise UsageError(
            f"--against {against!r}: no such value in {column}, the first column of --by; "
            f"there are {', '.join(map(repr, named))}{more}"
        )
    return list(_compared(groups, references))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Subtract an estimate of other articles, with the 95 % interval that follows from both of theirs.

    The distances from each estimate to the ends of its interval are squared and added (Zou and Donner 2008, for
    independent estimates), so that it holds at 0 and 1 where theirs do.

    Examples
    --------
    >>> difference(Estimate(0.5, 0.42, 0.58), Estimate(0.3, 0.24, 0.36))
    Estimate(value=0.2, low=0.1, high=0.3)
    """
    value = one.value - other.value
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Estimate(value, None, None)
    return Estimate(
        value,
        low=value - math.hypot(one.value - one.low, other.high - other.value),
        high=value + math.hypot(one.high - one.value, other.value - other.low),
    )


def _compared(groups: Iterable[Group], references: dict[tuple[str, ...], Group]) -> Iterator[Group]:
    for group in groups:
        reference = references.get(group.key[1:])
        if reference is None or reference is group:
            yield group
        else:
            yield replace(
                group,
                share_difference={axis: difference(group.share[axis], reference.share[axis]) for axis in AXES},
                mean_difference={axis: difference(group.mean[axis], reference.mean[axis]) for axis in AXES},
            )
