"""``python -m reportedly``: the command."""

from .cli import app

app(prog_name="reportedly")
