"""Dates as archives spell them."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from .inputs import UsageError

PERIODS = {"year": 4, "month": 7, "day": 10}
"""Columns that are made from a date, and how much of its ISO form they keep."""
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH = rf"(?P<name>{'|'.join(f'{name}|{name[:3]}' for name in _MONTHS)}|sept)\.?"
_NUMBERS = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
_DAY = r"(?P<day>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}(?:[-/.](?P<month>[0-9]{{1,2}}))?\Z",
        rf"{_YEAR}-?W[0-9]{{2}}\Z",  # a week may be of two months
        rf"{_YEAR}(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark){_DAY}(?=[T ,Z]|\Z)",
        rf"(?:[a-z]+,? )?{_DAY}(?:st|nd|rd|th)?[ -]{_MONTH},?[ -]{_YEAR}\b",
        rf"(?:[a-z]+,? )?{_MONTH} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}\b",
        rf"{_MONTH} {_YEAR}\Z",
        rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})[0-9]{{6}}\Z",  # of the indices of web archives
    )
)
_EPOCH = re.compile(r"(?P<seconds>[0-9]{10})(?:[0-9]{3})?(?:\.[0-9]+)?")
"""Seconds or milliseconds since 1970, of the years 2001 to 2286."""
_REACH = {4: "YyGcx", 7: "mbBjcx", 10: "djcx"}
"""By the length of a period, which directives of a format tell it."""


def require_date_format(date_format: str) -> None:
    """Refuse what is no format of dates.

    Raises
    ------
    UsageError
        Where :meth:`datetime.datetime.strptime` cannot use it, or it tells no year.
    """
    moment = datetime(2031, 4, 11)
    try:
        read = datetime.strptime(moment.strftime(date_format), date_format)
    except (ValueError, re.error) as error:
        raise UsageError(f"--date-format {date_format!r}: {error}") from None
    if read.year != moment.year:
        raise UsageError(f"--date-format {date_format!r}: tells no year; expected a form such as %d/%m/%Y")


def period_of(value: str, length: int, date_format: str | None = None) -> str | None:
    """The year, month or day of a date, in ISO form; ``None`` where it is not understood, or coarser.

    Parameters
    ----------
    length
        Of the ISO form: 4, 7 or 10 characters.
    date_format
        How the date is written, as :meth:`datetime.datetime.strptime` has it; by default in any of the usual ways in
        which day and month cannot be mistaken for each other.

    Examples
    --------
    >>> period_of("2031-04-11T08:00:00Z", 7), period_of("Fri, 11 Apr 2031 08:00:00 +0000", 7), period_of("spring", 7)
    ('2031-04', '2031-04', None)
    >>> period_of("2031-04", 4), period_of("2031-04", 10), period_of("2031-02-30", 7)
    ('2031', None, None)
    >>> period_of("April 3rd, 2031", 10), period_of("1933632000", 10), period_of("03/04/2031", 10)
    ('2031-04-03', '2031-04-11', None)
    """
    value = value.strip()
    try:
        if date_format is not None:
            told = datetime.strptime(value, date_format).isoformat()[:length]
            return told if any(f"%{directive}" in date_format for directive in _REACH[length]) else None
        if found := _EPOCH.fullmatch(value):
            return datetime.fromtimestamp(int(found["seconds"]), UTC).isoformat()[:length]
        for pattern in _DATES:
            if found := pattern.match(value):
                return _told(found.groupdict(), length)
    except ValueError:  # the 30th of February
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(value).isoformat()[:length]
        except (ValueError, OverflowError):  # a year or a zone beyond what a date can hold
            continue
    return None


def _told(parts: dict[str, str | None], length: int) -> str | None:
    """The beginning of a date by its parts, where they reach that far."""
    if name := parts.get("name"):
        month: int | str | None = _NUMBERS[name[:3].lower()]
    else:
        month = parts.get("month")
    known = [parts["year"], month, parts.get("day")]
    told = date(*(int(part or 1) for part in known)).isoformat()
    return told[:length] if known[(4, 7, 10).index(length)] is not None else None
