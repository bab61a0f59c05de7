"""What a job tells at its end."""

from collections.abc import Iterator

from .output import Output
from .records import Reading
from .run import Report


def closing(report: Report, output: Output, reading: Reading, backend: str, seconds: float) -> Iterator[str]:
    """Lines that add up what was read, scored and written, and warn of what makes a table mean less than it seems."""
    totals, before = report.totals, report.before
    scored = totals.articles - before.articles
    yield (
        f"{totals.records:,} records = {totals.articles:,} articles ({totals.sentences:,} sentences) "
        f"+ {totals.errors:,} not read"
    )
    if totals == before:
        yield "the job was done before, and nothing was read now; --overwrite scores anew"
    else:
        yield (
            f"{scored:,} articles scored now in {seconds:,.1f} s ({scored / seconds:,.1f} a second), "
            f"{before.articles:,} before, with {backend}"
        )
    yield f"written to {output.named}"
    for name, field in reading.keep:
        if totals.articles and not totals.filled[name]:
            yield f"field {field!r} was in none of the {totals.articles:,} articles, or null: its column is empty"
    if totals.foreign:
        found = f"{totals.foreign:,} of the articles, marked in the column language"
        yield f"not English: {found}; their scores mean nothing"
    if totals.marked_up:
        found = f"{totals.marked_up:,} of the articles have marks such as &quot; or <p>"
        yield f"HTML in the text: {found}, which were scored as they stand; decode them, or score the pages as .html"
    if totals.errors:
        yield f"not read: {totals.errors:,}, listed in {output.errors or output.folder / 'errors'}"
        yield from (f"  {example}" for example in report.error_examples)
    if not totals.articles:
        yield "reportedly: not one article could be scored"
