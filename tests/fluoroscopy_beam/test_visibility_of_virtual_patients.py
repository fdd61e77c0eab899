"""What is published about the views, on whole virtual patients; nothing was tuned to it."""

import pytest

from sacroplasty.anatomy import Level, Side
from sacroplasty.cement import recipe
from sacroplasty.fluoroscopy import (
    CArm,
    VisibilityTable,
    bone_to_fill,
    leak_places,
    named_view,
    prepare_views,
    visibility_table,
)
from sacroplasty.leaks import LeakSite
from sacroplasty.phantom import (
    FracturePattern,
    PatientRequest,
    ScannerSettings,
    make_virtual_patient,
)

VIEWS = ("ap", "lateral", "inlet", "outlet")
SCANNER = ScannerSettings(in_plane_mm=1.5, slice_mm=2.0)


def table_of(seed: int) -> VisibilityTable:
    patient = make_virtual_patient(
        PatientRequest(fracture=FracturePattern.BILATERAL_ALA, scanner=SCANNER), seed
    )
    sacrum = patient.truth
    carm = CArm(shape=(256, 256), pixel_mm=1.5)
    views = prepare_views(
        patient.ct, [named_view(v, sacrum, carm) for v in VIEWS], bone_to_fill(sacrum)
    )
    asked = (LeakSite.FORAMEN, LeakSite.PRESACRAL)
    places = tuple(p for p in leak_places(sacrum) if p.site in asked)
    return visibility_table(views, places, recipe("medium viscosity"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4])
def test_frontal_and_outlet_show_foramina_and_the_lateral_shows_presacral_tissue(seed: int) -> None:
    table = table_of(seed)
    for side in Side:
        for level in (Level.S1, Level.S2):
            place = f"foramen {level} {side}"
            lateral = table.row(place, "lateral").live
            for view in ("ap", "outlet"):
                assert table.row(place, view).live > max(table.threshold, 2.0 * lateral)
        presacral = f"presacral {side}"
        assert table.row(presacral, "lateral").live > table.threshold
        assert table.row(presacral, "lateral").live > table.row(presacral, "ap").live
        assert table.best_view(presacral) in ("lateral", "inlet")
