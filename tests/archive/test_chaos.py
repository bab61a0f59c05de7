import subprocess
import sys
from pathlib import Path

import pytest

CHAOS = Path(__file__).parents[2] / "benchmarks" / "chaos.py"


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_killed_jobs_are_resumed_to_the_same_bytes():
    """Some kills; `make chaos` does a hundred."""
    storm = subprocess.run([sys.executable, str(CHAOS), "--kills", "5"], capture_output=True, text=True, check=False)
    assert storm.returncode == 0, storm.stderr
    assert "5 kills" in storm.stdout
    assert "0 differing files" in storm.stdout
