import json

import pytest

from reportedly.archive.inputs import UsageError
from reportedly.archive.records import Reading
from reportedly.archive.single import find_article

LINES = [{"id": "a", "text": ""}, {"id": "b", "text": "Fire in Marrow."}, {"id": "c", "text": "Rain in Marrow."}]


@pytest.fixture
def archive(tmp_path):
    file = tmp_path / "archive.jsonl"
    file.write_text("\n".join(map(json.dumps, LINES)))
    return str(file)


def test_the_first_article_that_can_be_read_or_the_one_named(archive):
    assert find_article(archive, Reading()) == ("b", "Fire in Marrow.")
    assert find_article(archive, Reading(), "c") == ("c", "Rain in Marrow.")


def test_what_is_not_there_is_said(archive, tmp_path):
    with pytest.raises(UsageError, match="no article with the id 'z'"):
        find_article(archive, Reading(), "z")
    (tmp_path / "one.txt").write_text(" ")
    with pytest.raises(UsageError, match="empty"):
        find_article(str(tmp_path / "one.txt"), Reading())
