"""Which view shows which leak, on a patient of boxes where it can be worked out by hand."""

from functools import lru_cache

import numpy as np
import pytest

from box_patient import ALA_TIP, FORAMEN_X, FORAMEN_Z, toy_ct, toy_needle, toy_plan, toy_sacrum
from sacroplasty.anatomy import Level, SacrumModel, Side
from sacroplasty.cement import CementRecipe
from sacroplasty.errors import BadInput, BadUsage
from sacroplasty.fluoroscopy import (
    CArm,
    LeakPlace,
    PreparedView,
    RadiographicSight,
    VisibilityTable,
    bone_to_fill,
    leak_places,
    named_view,
    places_at_risk,
    prepare_views,
    recommended_pair,
    visibility_table,
)
from sacroplasty.fluoroscopy.bone_to_fill import planned_reach_mm
from sacroplasty.fluoroscopy.material_paths import cement_path_mm
from sacroplasty.fluoroscopy.radiographic_sight import splat_mm
from sacroplasty.geometry import Points, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.leaks import LeakSite, classify_leaks

RECIPE = CementRecipe.of_constant_viscosity("bench", 100.0, 0.3, 1.4)
CARM = CArm(shape=(192, 192), pixel_mm=1.5)
VIEWS = ("ap", "lateral")


@lru_cache(maxsize=1)
def sacrum() -> SacrumModel:
    return toy_sacrum()


@lru_cache(maxsize=1)
def places() -> tuple[LeakPlace, ...]:
    return leak_places(sacrum())


def prepared(ct: CTVolume, to_fill: Volume[np.bool_]) -> tuple[PreparedView, ...]:
    return prepare_views(ct, [named_view(v, sacrum(), CARM) for v in VIEWS], to_fill)


@lru_cache(maxsize=1)
def views() -> tuple[PreparedView, ...]:
    plan = toy_plan(*(toy_needle(side) for side in Side))
    return prepared(toy_ct(sacrum(), 200, 700), bone_to_fill(sacrum(), plan))


@lru_cache(maxsize=1)
def table() -> VisibilityTable:
    upper = tuple(p for p in places() if p.level not in (Level.S3, Level.S4))
    return visibility_table(views(), upper, RECIPE)


def place(site: LeakSite, side: Side | None = None, level: Level | None = None) -> LeakPlace:
    return next(p for p in places() if (p.site, p.side, p.level) == (site, side, level))


def test_every_compartment_has_its_place_on_its_own_side() -> None:
    assert len(places()) == 8 + 1 + 2 + 2 + 2 + 1
    for here in places():
        x = here.filled(50.0).fraction
        centre = x.grid.points_at(np.argwhere(x.values > 0)).xyz.mean(axis=0)
        if here.side is None:
            assert abs(centre[0]) < 3.0
        else:
            assert centre[0] * here.side.sign > 5.0


@pytest.mark.parametrize("volume_mm3", [0.4, 33.3, 500.0])
def test_a_reference_leak_has_the_volume_that_was_asked_for(volume_mm3: float) -> None:
    for here in places():
        if here.room_mm3 >= volume_mm3:
            assert here.filled(volume_mm3).volume_mm3 == pytest.approx(volume_mm3, rel=1e-5)


@pytest.mark.parametrize("site", [LeakSite.FORAMEN, LeakSite.PRESACRAL, LeakSite.SI_JOINT])
def test_the_leak_room_classifies_a_reference_leak_as_what_it_is(site: LeakSite) -> None:
    level = Level.S1 if site is LeakSite.FORAMEN else None
    for side in Side:
        found = classify_leaks(place(site, side, level).filled(800.0), sacrum()).leaks
        assert (found[0].site, found[0].side) == (site, side)


def test_frontal_shows_foramina_and_the_lateral_does_not() -> None:
    for side in Side:
        frontal = table().row(f"foramen S1 {side}", "ap")
        lateral = table().row(f"foramen S1 {side}", "lateral")
        assert frontal.told_apart > 0.95
        assert lateral.told_apart < 0.05
        assert frontal.live > table().threshold > lateral.live
        assert table().best_view(f"foramen S1 {side}") == "ap"


def test_the_lateral_shows_presacral_soft_tissue_and_frontal_does_not() -> None:
    for side in Side:
        assert table().row(f"presacral {side}", "ap").told_apart < 0.05
        # In the cone the ala nearer the source throws its edge over part of a leak on the far side.
        assert table().row(f"presacral {side}", "lateral").told_apart > 0.3
        assert table().best_view(f"presacral {side}") == "lateral"


def test_a_mirrored_patient_has_the_mirrored_table() -> None:
    ct = toy_ct(sacrum(), 200, 700)
    hu = ct.hu.copy()
    hu[:, :, 70:85] += 300  # denser on the patient's left
    to_fill = bone_to_fill(sacrum(), toy_plan(toy_needle(Side.LEFT)))
    mirrored_fill = bone_to_fill(sacrum(), toy_plan(toy_needle(Side.RIGHT)))
    one = visibility_table(
        prepared(CTVolume(hu, ct.grid, ct.acquisition), to_fill)[:1],
        (
            place(LeakSite.FORAMEN, Side.LEFT, Level.S1),
            place(LeakSite.FORAMEN, Side.RIGHT, Level.S1),
        ),
        RECIPE,
    )
    flipped = CTVolume(np.ascontiguousarray(hu[:, :, ::-1]), ct.grid, ct.acquisition)
    other = visibility_table(
        prepared(flipped, mirrored_fill)[:1],
        (
            place(LeakSite.FORAMEN, Side.LEFT, Level.S1),
            place(LeakSite.FORAMEN, Side.RIGHT, Level.S1),
        ),
        RECIPE,
    )
    for side, opposite in ((Side.LEFT, Side.RIGHT), (Side.RIGHT, Side.LEFT)):
        a = one.row(f"foramen S1 {side}", "ap")
        b = other.row(f"foramen S1 {opposite}", "ap")
        assert a.contrast_to_noise == pytest.approx(b.contrast_to_noise, rel=0.02)
        assert a.subtracted == pytest.approx(b.subtracted, rel=0.02)
    left, right = (one.row(f"foramen S1 {side}", "ap") for side in Side)
    assert left.contrast_to_noise < 0.9 * right.contrast_to_noise


def test_subtraction_takes_the_anatomy_away() -> None:
    for row in table().rows:
        if row.live > 1.0:
            assert row.subtracted > row.live


def test_cement_with_less_barium_is_seen_less() -> None:
    thin = CementRecipe.of_constant_viscosity("thin", 100.0, 0.1, 1.3)
    foramen = (place(LeakSite.FORAMEN, Side.LEFT, Level.S1),)
    few, many = (visibility_table(views()[:1], foramen, r).rows[0] for r in (thin, RECIPE))
    assert few.contrast_to_noise < 0.6 * many.contrast_to_noise
    assert few.seen_ml is not None
    assert many.seen_ml is not None
    assert few.seen_ml > many.seen_ml


def test_the_pair_for_a_plan_joins_the_two_that_miss_different_leaks() -> None:
    plan = toy_plan(toy_needle(Side.LEFT))
    names = tuple(p.name for p in places_at_risk(places(), plan))
    assert "foramen S1 left" in names
    assert "foramen S2 left" in names
    assert not any("right" in name or "S3" in name for name in names)
    pair = recommended_pair(table(), names)
    assert set(pair.views) == {"ap", "lateral"}
    assert pair.worst_place in names
    assert all(
        max(table().row(name, view).live for view in pair.views) < table().threshold
        for name in pair.unseen
    )


def test_the_bone_to_fill_is_the_ala_of_each_planned_side_and_about_the_tips() -> None:
    assert planned_reach_mm(4.0) == pytest.approx(1.5 * (3 * 4000 / 0.85 / 4 / np.pi) ** (1 / 3))
    for side in Side:
        own = bone_to_fill(sacrum(), toy_plan(toy_needle(side)))
        where = own.grid.points_at(np.argwhere(own.values)).xyz
        assert (where[:, 0] * side.sign > FORAMEN_X).all()
    ala = sacrum().zones.values == 1
    assert bone_to_fill(sacrum()).values.sum() == ala.sum()
    body = bone_to_fill(sacrum(), toy_plan(toy_needle(Side.LEFT, tip=(5.0, -10.0, 5.0))))
    added = body.grid.points_at(np.argwhere(body.values)).xyz
    medial = added[added[:, 0] <= FORAMEN_X + 4.0]
    away = np.linalg.norm(medial - np.array([5.0, -10.0, 5.0]), axis=1)
    assert len(medial) > 500
    assert away.max() <= planned_reach_mm(3.0)


def test_someone_who_looks_sees_a_foraminal_leak_frontally_and_a_presacral_one_laterally() -> None:
    sight = RadiographicSight(views(), RECIPE)
    for site, level, seen_in in (
        (LeakSite.FORAMEN, Level.S1, "ap"),
        (LeakSite.PRESACRAL, None, "lateral"),
    ):
        leak = place(site, Side.LEFT, level).filled(200.0).fraction
        kji = np.argwhere(leak.values > 0)
        volumes = leak.values[tuple(kji.T)].astype(np.float64) * leak.grid.voxel_mm3
        assert sight.first_seen(leak.grid.points_at(kji), volumes) == (seen_in,)
    ala = Points.at([ALA_TIP], sacrum().frame)
    assert sight.first_seen(ala, np.array([200.0])) == ()
    nothing = Points(np.zeros((0, 3)), sacrum().frame)
    assert sight.first_seen(nothing, np.zeros(0)) == ()


def test_a_lump_throws_its_volume_times_the_magnification_squared() -> None:
    view = views()[0]
    where = Points.at([[FORAMEN_X, 0.0, FORAMEN_Z[Level.S1]]], sacrum().frame)
    (_, path_mm) = splat_mm(view, where, np.array([40.0]))
    beam = view.pose.detector_centre.single - view.pose.source.single
    reach = np.linalg.norm(beam)
    depth = (where.single - view.pose.source.single) @ beam / reach
    expected = 40.0 * (reach / depth) ** 2
    assert float(path_mm.sum()) * CARM.pixel_mm**2 == pytest.approx(expected, rel=1e-5)


def test_lumps_and_voxels_throw_the_same_shadow() -> None:
    view = views()[0]
    leak = place(LeakSite.FORAMEN, Side.RIGHT, Level.S1).filled(300.0)
    kji = np.argwhere(leak.fraction.values > 0)
    volumes = leak.fraction.values[tuple(kji.T)].astype(np.float64) * leak.fraction.grid.voxel_mm3
    window, lumps = splat_mm(view, leak.fraction.grid.points_at(kji), volumes)
    (r0, r1, c0, c1), voxels = cement_path_mm(leak, view.pose)
    cut = lumps[r0 - window[0] : r1 - window[0], c0 - window[2] : c1 - window[2]]
    assert np.abs(cut - voxels).max() < 0.15 * voxels.max()
    assert np.corrcoef(cut.ravel(), voxels.ravel())[0, 1] > 0.99


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadUsage, match="places are"):
        table().row("foramen S9 left", "ap")
    with pytest.raises(BadInput, match="no view"):
        RadiographicSight((), RECIPE)
    with pytest.raises(BadInput, match="negative or NaN"):
        RadiographicSight(views(), RECIPE).first_seen(
            Points.at([ALA_TIP], sacrum().frame), np.array([np.nan])
        )
    with pytest.raises(BadInput, match="none"):
        places()[0].filled(float("nan"))
    with pytest.raises(BadInput, match="two views"):
        recommended_pair(table(), ())
