"""What a poor mask is told, and where to look; and that nothing is silently missing."""

from types import SimpleNamespace

import numpy as np
import pytest
from toy_pelvis import DEPTHS, Given, ToyPelvis, toy_pelvis

from sacroplasty.anatomy import (
    BoneMasks,
    Level,
    SacrumModel,
    Side,
    Structure,
    build_sacrum,
    find_endplate,
    foramen_levels,
)
from sacroplasty.anatomy.quality import judge_masks
from sacroplasty.anatomy.symmetry import judge_endplate, judge_symmetry
from sacroplasty.anatomy.tunnels import Tunnel
from sacroplasty.findings import Finding, Verdict
from sacroplasty.geometry import Volume


@pytest.fixture(scope="module")
def toy() -> ToyPelvis:
    return toy_pelvis()


@pytest.fixture(scope="module")
def model(toy: ToyPelvis) -> SacrumModel:
    return build_sacrum(toy.ct, Given(toy.labels))


def told(findings: tuple[Finding, ...] | list[Finding], check: str) -> Finding:
    return next(f for f in findings if f.check == check)


def changed(toy: ToyPelvis, value: int, where: np.ndarray) -> BoneMasks:
    values = toy.labels.values.copy()
    values[where] = value
    return BoneMasks(Volume(values, toy.labels.grid), "toy")


def coordinates(toy: ToyPelvis) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape = toy.labels.grid.shape
    xyz = toy.labels.grid.points_at(np.argwhere(np.ones(shape, dtype=bool))).xyz
    x, y, z = (xyz[:, n].reshape(shape) for n in range(3))
    return x, y, z


def bone(masks: BoneMasks) -> Volume[np.bool_]:
    return Volume(masks.labels.values == Structure.SACRUM, masks.labels.grid)


def test_every_structure_is_present_or_absent_with_a_reason(
    toy: ToyPelvis, model: SacrumModel
) -> None:
    alone = np.where(toy.labels.values == Structure.SACRUM, toy.labels.values, 0).astype(np.uint8)
    bare = build_sacrum(toy.ct, Given(Volume(alone, toy.labels.grid)))
    for one in (model, bare):
        for structure in set(Structure) - {Structure.OUTSIDE}:
            present = bool(one.mask(structure).any())
            assert present != bool(one.absent.get(structure.label)), structure.label
    assert {"ilium_left", "L5", "disc_L5S1", "coccyx"} <= set(bare.absent)


def test_a_good_model_passes_every_check(model: SacrumModel) -> None:
    assert {f.check for f in model.findings if f.verdict is not Verdict.PASS} == set()


def test_a_coccyx_in_the_masks_is_kept(toy: ToyPelvis) -> None:
    x, y, z = coordinates(toy)
    below = (np.abs(x) < 6) & (y > -35) & (y < -25) & (z < -107) & (z > -113)
    masks = changed(toy, Structure.COCCYX, below)
    assert build_sacrum(toy.ct, Given(masks.labels)).mask(Structure.COCCYX).any()


def test_a_sacrum_cut_above_s3_fails(toy: ToyPelvis, model: SacrumModel) -> None:
    labels = toy.labels.cropped((60, 0, 0), toy.labels.grid.shape)
    found = judge_masks(BoneMasks(labels, "toy"), model.scanner_from_sacrum)
    coverage = told(found, "coverage of S1–S3")
    assert coverage.verdict is Verdict.FAIL
    assert coverage.where_lps_mm is not None
    assert coverage.where_lps_mm[2] == pytest.approx(-55.0, abs=1.5)


def test_lost_marrow_is_a_hole(toy: ToyPelvis, model: SacrumModel) -> None:
    x, y, z = coordinates(toy)
    marrow = (np.abs(np.abs(x) - 37) < 8) & (np.abs(y - 3) < 12) & (np.abs(z + 20) < 14)
    masks = changed(toy, 0, marrow & (toy.labels.values == Structure.SACRUM))
    hole = told(judge_masks(masks, model.scanner_from_sacrum), "no holes in the mask")
    assert hole.verdict is not Verdict.PASS
    assert hole.where_lps_mm is not None
    assert hole.where_lps_mm[2] == pytest.approx(-20, abs=3)


def test_swapped_ilia_fail(toy: ToyPelvis, model: SacrumModel) -> None:
    values = toy.labels.values.copy()
    left, right = values == Structure.ILIUM_LEFT, values == Structure.ILIUM_RIGHT
    values[left], values[right] = Structure.ILIUM_RIGHT, Structure.ILIUM_LEFT
    masks = BoneMasks(Volume(values, toy.labels.grid), "toy")
    for side in Side:
        check = f"{side.value} ilium on the patient's {side.value}"
        assert told(judge_masks(masks, model.scanner_from_sacrum), check).verdict is Verdict.FAIL


def test_a_mask_that_reaches_into_l5_is_told_where(toy: ToyPelvis, model: SacrumModel) -> None:
    frame = model.scanner_from_sacrum
    endplate = find_endplate(bone(BoneMasks(toy.labels, "toy")), frame)
    x, y, z = coordinates(toy)
    above = (np.abs(x) < 12) & (np.abs(y + 2) < 9) & (z >= 0) & (z < 25)
    leaked = judge_endplate(bone(changed(toy, Structure.SACRUM, above)), frame, endplate)
    assert leaked.verdict is Verdict.FAIL
    assert leaked.where_lps_mm is not None
    assert leaked.where_lps_mm[2] > 5
    whole = judge_endplate(bone(BoneMasks(toy.labels, "toy")), frame, endplate)
    assert whole.verdict is Verdict.PASS


def test_a_mask_that_reaches_into_one_ilium_is_told_where(
    toy: ToyPelvis, model: SacrumModel
) -> None:
    masks = changed(toy, Structure.SACRUM, toy.labels.values == Structure.ILIUM_LEFT)
    found = judge_symmetry(bone(masks), model.scanner_from_sacrum, model.foramina)
    uneven = told(found, "no leak into one ilium")
    assert uneven.verdict is not Verdict.PASS
    assert uneven.where_lps_mm is not None
    assert uneven.where_lps_mm[0] > 40


def test_a_void_beside_a_foramen_is_not_taken_for_a_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken ala opens lateral of the right S1 foramen, where the left one mirrors it."""

    def tunnel(depth: float, offset: float, cost: float = 5.0) -> Tunnel:
        return Tunnel(np.zeros((3, 3), dtype=np.int64), 0.0, 4.0, cost, depth, offset)

    sheet = SimpleNamespace(distance=np.full((210, 100, 10), -1.0))
    levels = [tunnel(depth, 22.0) for depth in DEPTHS.values()]
    both = {Side.LEFT: levels, Side.RIGHT: [*levels, tunnel(39.0, 28.0)]}
    monkeypatch.setattr(foramen_levels, "find_tunnels", lambda _, side: both[side])
    named = foramen_levels.name_levels(sheet)  # type: ignore[arg-type]
    assert named.unnamed == ()
    assert [t.offset_mm for t in named.beside] == [28.0]
    assert [named.chosen[Side.RIGHT][level].depth_mm for level in Level] == list(DEPTHS.values())


def test_a_pair_between_two_levels_still_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def tunnel(depth: float) -> Tunnel:
        return Tunnel(np.zeros((3, 3), dtype=np.int64), 0.0, 4.0, 5.0, depth, 22.0)

    sheet = SimpleNamespace(distance=np.full((210, 100, 10), -1.0))
    both = [tunnel(depth) for depth in (35.0, 48.0, 61.0, 79.0, 92.0)]
    monkeypatch.setattr(foramen_levels, "find_tunnels", lambda *_: both)
    assert foramen_levels.name_levels(sheet).unnamed  # type: ignore[arg-type]
