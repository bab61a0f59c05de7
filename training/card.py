"""The model card: rendered from the training record, never by hand."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..model.axes import AXES
from ..model.loading import CARD


def write_card(folder: Path, record: dict[str, Any]) -> None:
    """Write the card beside the weights that the record describes."""
    # a card is Markdown for people and the hub; nothing of it comes from article text
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = environment.get_template("card.md.j2").render(axes=[axis.value for axis in AXES], **record)
    (folder / CARD).write_text(text, encoding="utf-8")
