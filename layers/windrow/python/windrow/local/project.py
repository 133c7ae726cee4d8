"""Where the things of a project lie that the local stack needs."""

from dataclasses import dataclass
from pathlib import Path

from windrow.local.errors import NotAProject, SetupMissing


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a template; set-up and the launcher keep their own files in its `.windrow`."""

    root: Path
    template: Path

    @classmethod
    def at(cls, root: Path, template: str = "template.yaml") -> "Project":
        """The project in this folder; raises NotAProject if it holds no template."""
        path = root / template
        if not path.is_file():
            raise NotAProject(path)
        return cls(root=root, template=path)

    @property
    def home(self) -> Path:
        """Where set-up and the launcher write; never committed."""
        return self.root / ".windrow"

    def python(self) -> Path:
        """The interpreter of the functions: the SDK and the standard library, as on AWS."""
        python = self.home / "runtime" / "bin" / "python"
        if not python.exists():
            raise SetupMissing(python)
        return python

    def uv(self) -> Path:
        """The uv that set-up found or installed."""
        uv = self.home / "bin" / "uv"
        if not uv.exists():
            raise SetupMissing(uv)
        return uv
