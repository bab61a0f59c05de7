"""Make the ``news-framing`` task known to transformers without importing it: its pipelines take torch with them."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

_PIPELINES = "transformers.pipelines"
_OURS = f"{__package__}.pipeline"


def register_when_imported() -> None:
    """Load our pipeline, which registers itself: at once where transformers' pipelines are loaded, else with them."""
    if _PIPELINES in sys.modules:
        import_module(_OURS)
    else:
        sys.meta_path.insert(0, _AfterPipelines())


class _AfterPipelines(MetaPathFinder):
    """Lets the usual finders find the module, and loads ours once it has been executed.

    ``wrapt.when_imported`` does the same, but brings asyncio with it: a third of the time of ``reportedly --help``.
    """

    def __init__(self) -> None:
        self._asking = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _PIPELINES or self._asking:
            return None
        self._asking = True
        try:
            spec = find_spec(fullname)
        finally:
            self._asking = False
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            import_module(_OURS)

        spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec
