import pytest

from reportedly.eval import figures
from reportedly.eval.results import RESULTS, read_results
from reportedly.model.loading import open_checkpoint


@pytest.fixture
def committed():
    if not (figures.COMMITTED / RESULTS).is_file():
        pytest.skip("no results of the shipped model are committed in this tree")
    return read_results(figures.COMMITTED)


@pytest.mark.parametrize("name", figures.DOCUMENTS)
def test_documents_hold_the_figures_of_the_committed_results(committed, name):
    path = figures.ROOT / name
    if not path.is_file():
        pytest.skip(f"{name} is not written yet")
    text = path.read_text(encoding="utf-8")
    assert figures.rewrite(text, figures.blocks(committed)) == text, "run: python -m reportedly.eval.figures"


def test_committed_results_are_of_the_shipped_checkpoint(committed, shipped):
    assert committed["systems"]["model"]["hash"] == open_checkpoint(shipped).hash, "run: make report figures"


def test_unknown_block_is_an_error():
    with pytest.raises(KeyError, match="nothing"):
        figures.rewrite("<!-- figures:nothing -->\n<!-- /figures -->", {})


def test_every_block_renders(results):
    results["ceiling"] = None
    for text in figures.blocks(results).values():
        assert text.endswith("\n")
        tables = [line for line in text.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in tables}) <= 1
