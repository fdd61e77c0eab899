"""The house stands as drawn: a room is entered by its front door."""

import ast
from pathlib import Path

import pytest

import sacroplasty

ROOT = Path(sacroplasty.__file__).parent
ROOMS = sorted(p.name for p in ROOT.iterdir() if (p / "__init__.py").is_file())
INNER = {"adapters", "cli"}  # collections of parts: each part is its own front door


def _imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith("sacroplasty.")
    ]


def _trespasses(path: Path) -> list[str]:
    room = path.relative_to(ROOT).parts[0]
    return [
        f"{path.relative_to(ROOT)} imports {module}"
        for module in _imports(path)
        if module.count(".") >= 2 and module.split(".")[1] not in {room, *INNER}
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_other_rooms_are_entered_by_their_front_door(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert not [trespass for path in files for trespass in _trespasses(path)]


@pytest.mark.parametrize("room", [r for r in ROOMS if r not in {"cli", "adapters"}])
def test_a_front_door_names_what_it_offers(room: str) -> None:
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    offered = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    assert offered, f"{room} has no __all__"


def test_files_stay_small_and_have_a_name_of_their_own() -> None:
    vague = {"utils", "helpers", "common", "core", "types", "misc", "base"}
    for path in ROOT.rglob("*.py"):
        assert path.stem not in vague, path
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path
