import itertools
import re
from pathlib import Path

import pyarrow as pa
import pytest

from reportedly.archive.estimates import FIGURES
from reportedly.archive.inputs import UsageError
from reportedly.archive.schema import ERRORS, article_schema, require_free_names, sentence_schema
from reportedly.model.axes import AXES, Voice

PAGE = (Path(__file__).parents[2] / "docs" / "schema.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (`.+?`) \| (.+?) \| (yes|no) \| .+ \|$", re.MULTILINE)


def documented(table):
    """The columns of a table in the page: name to type and whether it may be null."""
    section = PAGE.split(f"## {table}\n")[1].split("\n## ")[0]
    return {
        name.replace("AXIS", axis).replace("VOICE", voice): (kind, null == "yes")
        for names, kind, null in ROW.findall(section)
        for name in re.findall(r"`([^`]+)`", names)
        for axis, voice in itertools.product(AXES, Voice)
    }


@pytest.mark.parametrize(
    ("table", "schema"),
    [("sentences", sentence_schema()), ("articles", article_schema()), ("errors", ERRORS), ("figures", FIGURES)],
)
def test_the_page_lists_every_column_with_its_type(table, schema):
    assert documented(table) == {field.name: (str(field.type), field.nullable) for field in schema}


def test_kept_columns_come_last_as_text():
    assert sentence_schema(["outlet"]).field(-1) == pa.field("outlet", pa.string())
    assert article_schema(["outlet"]).field(-1) == pa.field("outlet", pa.string())


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        ([("text", "text")], "--keep text: there is a column 'text' already; rename the field: --keep NAME=text"),
        ([("words", "words")], "--keep words: .* --keep NAME=words"),
        ([("outlet", "outlet"), ("outlet", "paper")], "--keep outlet=paper: .* --keep NAME=paper"),
        # regression: the remedy named the column, --keep NAME=document
        ([("document", "id")], "--keep document=id: there is a column 'document' already; .* --keep NAME=id"),
    ],
)
def test_kept_columns_take_no_name_that_is_taken(keep, reason):
    with pytest.raises(UsageError, match=f"^{reason}"):
        require_free_names(keep)
