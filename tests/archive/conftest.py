"""Archives in temporary folders and a scorer without a model."""

import pytest
from fake_scorer import FakeScorer

from reportedly.archive.inputs import find_inputs
from reportedly.archive.job import Settings, plan
from reportedly.archive.readers import read
from reportedly.archive.records import Reading


@pytest.fixture
def fake_scorer():
    return FakeScorer()


@pytest.fixture
def read_all():
    """Read paths as a job does, and return what their records parse to."""

    def reader(*paths, reading=None, **settings):
        reading = reading or Reading()
        parts = plan(find_inputs([str(path) for path in paths]).files, Settings(reading, **settings))
        return [record.parse() for part in parts for record in read(part, reading)]

    return reader
