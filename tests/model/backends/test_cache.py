from pathlib import Path

import pytest

from reportedly.model.backends.cache import cache_folder, cached


@pytest.fixture
def builds(tmp_path, monkeypatch):
    """What was built, in order; the cache is empty at first."""
    monkeypatch.setenv("REPORTEDLY_CACHE", str(tmp_path / "cache"))
    return []


def entry(builds, name="entry", content=b"derived"):
    def build(folder):
        builds.append(name)
        (folder / "data").write_bytes(content)

    return cached(name, ("data",), build)


def test_an_entry_is_built_once_and_by_name(builds):
    assert (entry(builds) / "data").read_bytes() == b"derived"
    entry(builds)
    entry(builds, "other")
    assert builds == ["entry", "other"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"derived, and more"),
        lambda file: file.write_bytes(b"deriveD"),
        lambda file: file.write_bytes(b""),
        lambda file: file.unlink(),
        lambda file: (file.parent / "SHA256SUMS").unlink(),
        lambda file: (file.parent / "SHA256SUMS").write_bytes(b"\xff\0"),
    ],
)
def test_a_damaged_entry_is_built_again(builds, damage):
    damage(entry(builds) / "data")
    assert (entry(builds) / "data").read_bytes() == b"derived"
    assert builds == ["entry", "entry"]


def test_a_build_that_fails_leaves_nothing_behind(builds):
    def fail(folder):
        (folder / "data").write_bytes(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cached("entry", ("data",), fail)
    assert not [place for place in cache_folder().iterdir() if place.suffix != ".lock"]
    entry(builds)
    assert builds == ["entry"]


def test_the_folder_is_named_or_follows_the_system(monkeypatch):
    monkeypatch.delenv("REPORTEDLY_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder() == Path("/somewhere/reportedly")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path("~/.cache/reportedly").expanduser()
    monkeypatch.setenv("REPORTEDLY_CACHE", "~/elsewhere")
    assert cache_folder() == Path("~/elsewhere").expanduser()
