"""The package as a whole: what importing costs, what it exports, that its examples run."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import reportedly
from reportedly.cli import app

_LIGHT = """
import sys
import reportedly
assert "torch" not in sys.modules and "transformers" not in sys.modules
"""
_LIGHT_HELP = """
import sys
from typer.testing import CliRunner
from reportedly.cli import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
assert "torch" not in sys.modules and "transformers" not in sys.modules
"""
_NEEDS_WEIGHTS = {"reportedly", "reportedly.model.scorer"}


@pytest.mark.parametrize("program", [_LIGHT, _LIGHT_HELP], ids=["import", "help"])
def test_neither_import_nor_help_loads_torch(program):
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("command", [["-m", "reportedly"], ["-c", "from reportedly.cli import app; app()"]])
def test_the_command_tells_its_version(command):
    told = subprocess.run([sys.executable, *command, "--version"], check=True, capture_output=True, text=True)
    assert told.stdout == f"reportedly {reportedly.__version__}\n"


def test_the_commands_come_in_the_order_of_their_use():
    named = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert named == ["score", "summary", "highlight", "eval", "compare", "train", "benchmark"]


def test_every_public_name_resolves():
    for name in reportedly.__all__:
        assert name.isupper() or getattr(reportedly, name).__name__ == name
    assert reportedly.__version__.count(".") == 2
    with pytest.raises(AttributeError, match="no attribute 'Scorrer'"):
        reportedly.Scorrer  # noqa: B018


def _modules() -> list[str]:
    rooms = ("model", "archive", "training", "eval")
    found = ["reportedly"]
    for room in rooms:
        package = importlib.import_module(f"reportedly.{room}")
        found.append(package.__name__)
        found += [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return found


@pytest.mark.parametrize("name", _modules())
def test_examples_in_docstrings(name, request):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        pytest.skip(f"needs an extra: {missing.name}")
    if name in _NEEDS_WEIGHTS:
        request.getfixturevalue("shipped")
    assert doctest.testmod(module).failed == 0
