"""How well the built-in engine finds the sacrum: real scans with labels, and virtual patients.

``python benchmarks/accuracy.py`` prints a table and writes it to `benchmarks/accuracy.md`. Real scans
are taken from `$SACROPLASTY_TEST_DATA` or from beside the checkout, and named as absent otherwise.
"""

import os
from pathlib import Path

import numpy as np

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.label_import import labelled_segmenter, parse_label_mapping
from sacroplasty.anatomy import (
    BuiltinSegmenter,
    Level,
    SacrumModel,
    Segmenter,
    Structure,
    build_sacrum,
)
from sacroplasty.geometry import Rigid, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.phantom import PatientRequest, make_virtual_patient

RESULTS = Path(__file__).parent / "accuracy.md"
DATA = Path(
    os.environ.get("SACROPLASTY_TEST_DATA", Path(__file__).resolve().parents[2] / "shared/data")
)
EXPERT_MAP = "1-2=sacrum,11-19=ilium_left,21-29=ilium_right"
SEEDS = (1, 2, 3)
NEEDLE_LEVELS = (Level.S1, Level.S2, Level.S3)


def dice(truth: Volume[np.uint8], found: Volume[np.uint8], structure: Structure) -> float:
    """Overlap 2|A∩B| / (|A|+|B|) on the truth's own voxels."""
    a = truth.values == structure
    b = found.on(truth.grid, order=0).values == structure
    return float(2 * (a & b).sum() / max(a.sum() + b.sum(), 1))


def real_row(name: str, ct: CTVolume, given: Segmenter) -> str:
    """Overlap of the built-in masks with given labels."""
    found, truth = BuiltinSegmenter().segment(ct).labels, given.segment(ct).labels
    truth = _around(truth, Structure.SACRUM)
    return f"| {name} | {dice(truth, found, Structure.SACRUM):.3f} |"


def virtual_row(seed: int) -> str:
    """Sacrum, S1–S3 foramina, their radius and the sacral axes against the ground truth."""
    patient = make_virtual_patient(PatientRequest(), seed)
    model = build_sacrum(patient.ct, BuiltinSegmenter())
    pairs = [
        (f, model.foramen(f.level, f.side))
        for f in patient.truth.foramina
        if f.level in NEEDLE_LEVELS
    ]
    apart = [float(g.centre.distance_mm(f.centre)[0]) for f, g in pairs if g]
    wider = [g.radius_mm - f.radius_mm for f, g in pairs if g]
    turned = _angle_deg(patient.truth.scanner_from_sacrum, model.scanner_from_sacrum)
    sacrum = dice(patient.truth.labels, model.labels, Structure.SACRUM)
    return (
        f"| virtual patient {seed} | {sacrum:.3f} | {len(apart)} of {len(pairs)} | {max(apart):.1f} | "
        f"{np.mean(wider):+.1f} | {turned:.1f} |"
    )


def foramina_row(name: str, model: SacrumModel) -> str:
    """How far the S1 foramina of a real patient lie from the midline, and how wide they are."""
    sacrum_from_scanner = model.scanner_from_sacrum.inverse
    cells = []
    for level in NEEDLE_LEVELS:
        found = [f for f in model.foramina if f.level is level]
        offsets = [abs(float(sacrum_from_scanner(f.centre).single[0])) for f in found]
        cells.append(
            f"{len(found)}: {np.mean(offsets):.0f} / {np.mean([f.radius_mm for f in found]):.1f}"
        )
    return f"| {name} | {' | '.join(cells)} | {model.verdict} |"


def _around(volume: Volume[np.uint8], structure: Structure) -> Volume[np.uint8]:
    kji = np.argwhere(volume.values == structure)
    low, high = kji.min(axis=0), kji.max(axis=0) + 1
    return volume.cropped(tuple(low.tolist()), tuple(high.tolist()))


def _angle_deg(one: Rigid, other: Rigid) -> float:
    cosine = (np.trace(one.rotation.T @ other.rotation) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def real_scans() -> list[tuple[str, CTVolume, Segmenter | None]]:
    """(name, CT, labels if there are any) of the scans that are there."""
    folder = DATA / "ct"
    if not folder.is_dir():
        return []
    scans: list[tuple[str, CTVolume, Segmenter | None]] = []
    for name in ("001", "003"):
        labels = labelled_segmenter(
            folder / f"fracsegnet/{name}_label.nii.gz", parse_label_mapping(EXPERT_MAP)
        )
        ct = read_ct(folder / f"fracsegnet/{name}_ct.nii.gz")
        scans.append((f"FracSegNet {name}, expert labels", ct, labels))
    example = folder / "totalseg_example"
    masks = labelled_segmenter(example / "masks")
    scans.append(
        ("TotalSegmentator example, 3 mm, its v1 output", read_ct(example / "ct.nii.gz"), masks)
    )
    scans.append(("TCGA-OV, 3 mm", read_ct(folder / "tcga_ov_09_2043"), None))
    return scans


def main() -> None:
    """Measure, print, write."""
    scans = real_scans()
    lines = ["# Accuracy of the anatomy", "", "Made by `make bench`.", ""]
    if not scans:
        lines += ["The real scans are absent on this machine.", ""]
    lines += ["| real scan | Dice of the sacrum, built-in engine |", "|---|---:|"]
    lines += [real_row(name, ct, labels) for name, ct, labels in scans if labels]
    lines += ["", "Foramina on real scans, count: mean distance from the midline / radius, mm.", ""]
    lines += ["| real scan | S1 | S2 | S3 | verdict |", "|---|---|---|---|---|"]
    lines += [
        foramina_row(name, build_sacrum(ct, labels or BuiltinSegmenter()))
        for name, ct, labels in scans
    ]
    lines += [
        "",
        "| virtual patient | Dice of the sacrum | S1–S3 foramina found | worst centre error, mm | "
        "mean radius error, mm | sacral axes, ° |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [virtual_row(seed) for seed in SEEDS]
    text = "\n".join(lines) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
