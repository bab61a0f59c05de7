"""What the fuzzer found, and what it begins from, replayed in seconds. `make fuzz` looks for more."""

from pathlib import Path

import pytest
from fuzz_seeds import SEEDS
from fuzz_targets import TARGETS

FOUND = sorted((Path(__file__).parent / "findings").glob("*/*"))


@pytest.mark.parametrize("finding", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_stays_mended(finding):
    TARGETS[finding.parent.name](finding.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_well_formed_files_pass(target):
    for seed in SEEDS.get(target, SEEDS["sentences"]):
        TARGETS[target](seed)
