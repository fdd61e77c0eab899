"""A mirrored patient has a mirrored model; the sacral frame is a frame and comes back from itself."""

import numpy as np
import pytest
from toy_pelvis import DEPTHS, FRAME, Given, ToyPelvis, toy_pelvis

from sacroplasty.anatomy import Level, SacrumModel, Side, Structure, build_sacrum
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume

SWAP = np.arange(256, dtype=np.uint8)
for one in Structure:
    if one.name.endswith("LEFT"):
        other = Structure[one.name.replace("LEFT", "RIGHT")]
        SWAP[one], SWAP[other] = other, one


def mirrored(toy: ToyPelvis) -> ToyPelvis:
    """The grid is symmetric about x = 0: flipping the array is mirroring the patient."""
    grid = toy.labels.grid
    hu = np.ascontiguousarray(toy.ct.hu[:, :, ::-1])
    labels = np.ascontiguousarray(SWAP[toy.labels.values][:, :, ::-1])
    return ToyPelvis(CTVolume(hu, grid, toy.ct.acquisition), Volume(labels, grid))


@pytest.fixture(scope="module")
def pair() -> tuple[SacrumModel, SacrumModel]:
    toy = toy_pelvis(lean=5.0)
    twin = mirrored(toy)
    return build_sacrum(toy.ct, Given(toy.labels)), build_sacrum(twin.ct, Given(twin.labels))


def test_the_odd_foramen_changes_sides(pair: tuple[SacrumModel, SacrumModel]) -> None:
    model, twin = pair
    for found in model.foramina:
        opposite = Side.RIGHT if found.side is Side.LEFT else Side.LEFT
        partner = twin.foramen(found.level, opposite)
        assert partner is not None
        assert np.abs(found.centre.single * [-1, 1, 1] - partner.centre.single).max() < 1.0
        assert (found.centre.single[0] > 0) == (found.side is Side.LEFT)
    odd = model.foramen(Level.S2, Side.RIGHT)
    even = model.foramen(Level.S2, Side.LEFT)
    assert odd is not None
    assert even is not None
    assert odd.centre.single[2] - even.centre.single[2] == pytest.approx(5.0, abs=1.5)


def test_labels_and_zones_mirror(pair: tuple[SacrumModel, SacrumModel]) -> None:
    model, twin = pair
    assert model.labels.grid.shape == twin.labels.grid.shape
    assert model.labels.grid.origin_mm == pytest.approx(twin.labels.grid.origin_mm, abs=1e-6)
    flipped = SWAP[twin.labels.values][:, :, ::-1]
    for structure in np.unique(model.labels.values):
        one, two = model.labels.values == structure, flipped == structure
        assert 2 * (one & two).sum() / (one.sum() + two.sum()) > 0.9, Structure(structure).label
    inside = (model.zones.values > 0) & (twin.zones.values[:, :, ::-1] > 0)
    same = model.zones.values == twin.zones.values[:, :, ::-1]
    assert same[inside].mean() > 0.97


def test_the_same_input_gives_the_same_model(pair: tuple[SacrumModel, SacrumModel]) -> None:
    toy = toy_pelvis(lean=5.0)
    again = build_sacrum(toy.ct, Given(toy.labels))
    assert (again.labels.values == pair[0].labels.values).all()
    assert (again.canal.xyz == pair[0].canal.xyz).all()


def test_the_sacral_frame_comes_back_and_turns_nothing_over(
    pair: tuple[SacrumModel, SacrumModel],
) -> None:
    frame = pair[0].scanner_from_sacrum
    points = Points(np.array([[10.0, -3.0, 4.0], [-50.0, 20.0, -90.0]]), FRAME)
    assert np.abs(frame(frame.inverse(points)).xyz - points.xyz).max() < 1e-9
    assert np.linalg.det(frame.rotation) == pytest.approx(1.0)
    assert frame.rotation[0, 0] > 0.99
    assert frame.rotation[2, 2] > 0.9
    origin = frame.translation
    assert np.abs(origin[0]) < 1.0
    assert np.abs(origin[2]) < 2.0  # the endplate was drawn at z = 0


def test_the_canal_was_seen_and_goes_on_to_s4(pair: tuple[SacrumModel, SacrumModel]) -> None:
    model, _ = pair
    z = model.canal.xyz[:, 2]
    assert z[0] > -6
    assert z[-1] < -DEPTHS[Level.S4] + 8
    assert np.abs(model.canal.xyz[:, 0]).max() < 2.0
    assert (np.diff(z) < 0).all()
