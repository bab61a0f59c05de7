"""The floors of the house: model imports no other room, and the rooms on it do not import one another."""

import ast
from pathlib import Path

import pytest

import reportedly

ROOT = Path(reportedly.__file__).parent
ROOMS = ("model", "archive", "training", "eval")


def _rooms_imported(file: Path) -> set[str]:
    """Rooms that the relative and absolute imports of a file reach."""
    reached = set()
    package = ("reportedly", *file.relative_to(ROOT).parts[:-1])
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            target = ".".join((*base, *((node.module,) if node.module else ())))
            names = [f"{target}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        reached |= {name.split(".")[1] for name in names if name.startswith("reportedly.")}
    return reached & set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_stands_on_model_alone(room):
    for file in sorted((ROOT / room).rglob("*.py")):
        assert _rooms_imported(file) <= {"model", room}, file
