"""Real and virtual sacra side by side, cut alike, as one HTML page for the eye to judge.

``python benchmarks/side_by_side.py ../shared/data page.html`` needs the real scans; the page holds
pieces of them and is not to be passed on.
"""

import sys
from pathlib import Path

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.report.anatomy_cuts import anatomy_cuts
from sacroplasty.adapters.report.paper import render_page
from sacroplasty.adapters.report.picture import Picture
from sacroplasty.adapters.report.scene import Scene
from sacroplasty.anatomy import BuiltinSegmenter, measure_density
from sacroplasty.errors import SafetyRefusal
from sacroplasty.pathway import Examination, Patient, Tools, examine
from sacroplasty.phantom import draw_request, make_virtual_patient

SCANS = ("tcga_ov_09_2043", "totalseg_example/ct.nii.gz", "fracsegnet/001_ct.nii.gz")
SEEDS = (9101, 9102, 9103)
VIEWS = 4  # midline, coronal, S1, S2


def real_pictures(path: Path) -> list[Picture]:
    """The cuts of a real scan by the built-in engine; none where it refuses."""
    patient = Patient(read_ct(path), path.name)
    try:
        seen = examine(patient, tools=Tools(BuiltinSegmenter()))
    except SafetyRefusal as refusal:
        print(f"{path.name}: {refusal}", file=sys.stderr)
        return []
    return anatomy_cuts(Scene.of_anatomy(seen))[:VIEWS]


def virtual_pictures(seed: int) -> list[Picture]:
    """The same cuts of a virtual patient, by its truth."""
    patient = make_virtual_patient(draw_request(seed), seed)
    density = measure_density(patient.ct, patient.truth)
    name = f"virtual {seed}"
    seen = Examination(patient.ct, patient.truth, density, None, None, name)
    return anatomy_cuts(Scene.of_anatomy(seen))[:VIEWS]


def main(data: Path, page: Path) -> None:
    """Write the page."""
    columns = [(f"real: {name.split('/')[0]}", real_pictures(data / "ct" / name)) for name in SCANS]
    columns += [(f"virtual: seed {seed}", virtual_pictures(seed)) for seed in SEEDS]
    seen = [(name, pictures) for name, pictures in columns if pictures]
    page.write_text(render_page("side_by_side.html.j2", {"columns": seen}), encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
