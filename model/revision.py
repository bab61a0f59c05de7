"""Which code it is that runs, for the records that training and evaluation leave."""

import subprocess
from pathlib import Path


def revision(changed: str) -> str | None:
    """The commit of the code, 12 hex digits, with the mark ``changed`` where tracked files differ from it.

    ``None`` outside a checkout, where version and hashes still name code and weights, or without git.
    """
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():  # git would look for a checkout further up, and find someone else's
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--exclude=*", f"--dirty={changed}", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
