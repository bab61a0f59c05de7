"""The wheel: ``reportedly`` and nothing else, with weights and configurations, and it scores where it is put."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import reportedly

ROOT = Path(reportedly.__file__).parent
_ELSEWHERE = (".git", ".venv", "build", "dist", "out", "runs", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis")
_SCORE = """
import reportedly, sys
assert reportedly.__file__.startswith(sys.argv[1]), reportedly.__file__
assert reportedly.Scorer.from_pretrained()("The mayor has reportedly resigned.").flags["hedging"]
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, shipped):
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("not run from a source tree")
    source = tmp_path_factory.mktemp("wheel") / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*_ELSEWHERE))
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(source.parent), str(source)]
    subprocess.run(command, check=True)
    return next(source.parent.glob("*.whl"))


def test_it_holds_the_package_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"reportedly"}
    assert {name.split("/")[1] for name in names if name.startswith("reportedly/")}.isdisjoint({"tests", "benchmarks"})


def test_it_holds_every_module_configuration_and_file_of_the_checkpoint(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    rooms = ("model", "archive", "training", "eval", "configs")
    wanted = {file for room in rooms for file in (ROOT / room).rglob("*") if file.is_file()}
    wanted |= {ROOT / "__init__.py", ROOT / "__main__.py", ROOT / "cli.py"}
    left_out = {
        str(file.relative_to(ROOT))
        for file in wanted
        if f"reportedly/{file.relative_to(ROOT).as_posix()}" not in names and "__pycache__" not in file.parts
    }
    # documents and results that only a source tree needs
    of_a_tree = re.compile(r"(eval|training)/results/|.*\.md$")
    assert {name for name in left_out if not of_a_tree.match(name)} == set()


def test_it_scores_where_it_is_installed(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-c", _SCORE, str(tmp_path)]
    subprocess.run(command, check=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"})
