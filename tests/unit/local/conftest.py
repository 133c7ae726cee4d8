"""A small project in a folder of its own, with set-up as the launcher finds it."""

import sys
from pathlib import Path

import pytest

from windrow.local.project import Project

# Stands in for uv: puts a module where `uv pip install --target` puts packages; counts its calls.
FAKE_UV = """#!/bin/sh
echo called >> "$(dirname "$0")/calls"
for last; do :; done
case "$(cat "$last")" in *missing*) echo "no such package" >&2; exit 1;; esac
while [ "$1" != "--target" ]; do shift; done
echo "answer = 42" > "$2/package.py"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "a project"
    (root / ".windrow" / "bin").mkdir(parents=True)
    (root / ".windrow" / "runtime" / "bin").mkdir(parents=True)
    (root / ".windrow" / "runtime" / "bin" / "python").symlink_to(sys.executable)
    uv = root / ".windrow" / "bin" / "uv"
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)
    (root / "template.yaml").write_text("Resources: {}")
    for name, content in {
        "functions/api/app.py": "import package",
        "functions/api/requirements.txt": "package==1",
        "functions/worker/app.py": "import package",
        "functions/worker/requirements.txt": "package==1",
        "layers/own/python/own/__init__.py": "",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return Project.at(root)
