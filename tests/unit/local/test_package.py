"""Artifacts: what AWS would get, made again only when something in them changed."""

import os
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

from scripts import setup_shell
from windrow.local import package
from windrow.local.errors import PackagingFailed
from windrow.local.package import Source
from windrow.local.project import Project

TEMPLATE = {
    "Resources": {
        "Api": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "functions/api"},
        },
        "Worker": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "functions/worker"},
        },
        "LongWorker": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "functions/worker"},
        },
        "Own": {
            "Type": "AWS::Serverless::LayerVersion",
            "Metadata": {"BuildMethod": "python3.13"},
            "Properties": {"ContentUri": "layers/own/python"},
        },
        "Elsewhere": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "s3://bucket/key"},
        },
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
    }
}


def sources_of(project: Project) -> dict[str, Source]:
    return {source.logical_id: source for source in package.sources(TEMPLATE, project.root)}


def names_in(archive: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(archive).namelist() if "__pycache__" not in name}


def calls_of_uv(project: Project) -> int:
    calls = project.home / "bin" / "calls"
    return len(calls.read_text().splitlines()) if calls.exists() else 0


def test_functions_and_layers_with_a_folder_are_packaged(project: Project) -> None:
    assert set(sources_of(project)) == {"Api", "Worker", "LongWorker", "Own"}


def test_an_artifact_holds_the_code_and_its_packages(project: Project) -> None:
    artifacts = package.build(project, sources_of(project).values())

    assert names_in(artifacts["Api"]) == {"app.py", "package.py", "requirements.txt"}


def test_a_layer_with_a_build_method_goes_below_python(project: Project) -> None:
    artifacts = package.build(project, sources_of(project).values())

    assert names_in(artifacts["Own"]) == {"python/own/__init__.py"}


def test_what_was_packaged_comes_compiled_so_that_a_cold_start_need_not(project: Project) -> None:
    artifact = package.build(project, sources_of(project).values())["Api"]

    compiled = [name for name in zipfile.ZipFile(artifact).namelist() if name.endswith(".pyc")]
    # Flag 0b01: checked against nothing, so that the date of unpacking does not matter (PEP 552).
    flags = {zipfile.ZipFile(artifact).read(name)[4] for name in compiled}
    assert len(compiled) == 2
    assert flags == {0b01}


def test_functions_that_share_a_folder_share_the_artifact(project: Project) -> None:
    artifacts = package.build(project, sources_of(project).values())

    assert artifacts["Worker"] == artifacts["LongWorker"]


def test_the_same_packages_are_installed_once(project: Project) -> None:
    package.build(project, sources_of(project).values())
    package.build(project, sources_of(project).values())

    assert calls_of_uv(project) == 1


def test_nothing_is_made_again_when_nothing_changed(project: Project) -> None:
    before = package.build(project, sources_of(project).values())["Api"]
    written = before.stat().st_ino

    after = package.build(project, sources_of(project).values())["Api"]

    assert after == before
    assert after.stat().st_ino == written


def test_a_changed_line_makes_a_new_artifact_and_leaves_the_old_to_who_may_use_it(
    project: Project,
) -> None:
    before = package.build(project, sources_of(project).values())["Api"]
    (project.root / "functions" / "api" / "app.py").write_text("import package as p")

    after = package.build(project, sources_of(project).values())["Api"]

    assert after != before
    assert before.exists()
    assert zipfile.ZipFile(after).read("app.py") == b"import package as p"


def test_a_changed_requirement_is_installed(project: Project) -> None:
    package.build(project, sources_of(project).values())
    (project.root / "functions" / "api" / "requirements.txt").write_text("package==2")

    package.build(project, sources_of(project).values())

    assert calls_of_uv(project) == 2


def test_dates_and_caches_do_not_change_the_fingerprint(project: Project) -> None:
    source = sources_of(project)["Api"]
    before = package.fingerprint(source)
    os.utime(source.folder / "app.py", (0, 0))
    (source.folder / "__pycache__").mkdir()
    (source.folder / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"")

    assert package.fingerprint(source) == before


@pytest.mark.parametrize("change", ["another name", "a new file", "a moved border"])
def test_what_an_artifact_holds_changes_the_fingerprint(project: Project, change: str) -> None:
    source = sources_of(project)["Api"]
    before = package.fingerprint(source)
    match change:
        case "another name":
            (source.folder / "app.py").rename(source.folder / "door.py")
        case "a new file":
            (source.folder / "more.py").write_text("")
        case _:
            (source.folder / "app.py").write_text("import packag")
            (source.folder / "app.pya").write_text("e")

    assert package.fingerprint(source) != before


def test_the_same_content_makes_the_same_bytes(project: Project) -> None:
    first = package.build(project, sources_of(project).values())["Own"].read_bytes()
    for artifact in (project.home / "build").glob("*.zip"):
        artifact.unlink()

    second = package.build(project, sources_of(project).values())["Own"].read_bytes()

    assert first == second


def test_packages_that_cannot_be_installed_are_said_plainly(project: Project) -> None:
    (project.root / "functions" / "api" / "requirements.txt").write_text("missing==1")

    with pytest.raises(PackagingFailed, match=r"api/requirements\.txt .*no such package"):
        package.build(project, sources_of(project).values())


def age(path: Path, *, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_what_nobody_has_used_for_long_is_removed(project: Project) -> None:
    folder = project.home / "build"
    package.build(project, sources_of(project).values())
    (folder / "packages-old").mkdir()
    (folder / "packages-old" / "package.py").write_text("")
    (folder / "tmp-killed").mkdir()
    (folder / "api-old.zip").write_text("")
    for name in ("packages-old", "tmp-killed", "api-old.zip"):
        age(folder / name, days=8)
    (folder / "packages-young").mkdir()

    package.build(project, sources_of(project).values())

    assert not any(path.name.endswith(("old", "killed", "old.zip")) for path in folder.iterdir())
    assert (folder / "packages-young").exists()


def test_what_is_used_stays_however_old_it_is(project: Project) -> None:
    before = package.build(project, sources_of(project).values())
    for path in (project.home / "build").iterdir():
        age(path, days=30)

    after = package.build(project, sources_of(project).values())

    assert after == before
    assert all(path.exists() for path in after.values())
    assert calls_of_uv(project) == 1


def test_another_processor_makes_another_artifact() -> None:
    assert sysconfig.get_platform() in package._MAKER


def test_uv_installs_without_what_misleads_it(tmp_path: Path) -> None:
    caller = {"UV_SYSTEM_PYTHON": "1", "PYTHONPATH": "/x", "UV_INDEX_URL": "https://mirror"}

    assert package.environment(caller, tmp_path) == {"UV_INDEX_URL": "https://mirror"}
    assert package.MISLEADING == setup_shell.MISLEADING


def test_uv_uses_the_cache_that_set_up_made_for_it(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()

    assert package.environment({}, tmp_path) == {"UV_CACHE_DIR": str(tmp_path / "cache")}
