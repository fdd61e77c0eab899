"""The built-in engine on scans of real people, where they are at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from sacroplasty.adapters.ct_reading import read_ct
from sacroplasty.adapters.label_import import labelled_segmenter, parse_label_mapping
from sacroplasty.adapters.volume_files import read_volume
from sacroplasty.anatomy import BuiltinSegmenter, Level, SacrumModel, Structure, build_sacrum
from sacroplasty.bench.overlap import around, dice, dice_with_openings
from sacroplasty.errors import SafetyRefusal
from sacroplasty.geometry import Frame, Volume
from sacroplasty.imaging import CTVolume
from sacroplasty.phantom import ScannerSettings, render_labels

_EXPERT_MAP = "1-2=sacrum,11-19=ilium_left,21-29=ilium_right"
_DRAWN_BONES, _DRAWN_SACRUM = (1, 2, 3, 4), 3
_RENDER_SEED = 0


@dataclass(frozen=True, eq=False, slots=True)
class RealScan:
    """A scan and, where somebody made one, the sacrum to compare with. `at_least` is the target."""

    name: str
    ct: CTVolume
    sacrum: Volume[np.uint8] | None
    at_least: float | None


@dataclass(frozen=True, slots=True)
class RealRow:
    """What the engine made of one real scan; `foramina` holds count and mean midline offset per level.

    solid_dice: with canal and foramina counted as bone in both answers.
    """

    name: str
    verdict: str
    sacrum_dice: float | None
    solid_dice: float | None
    at_least: float | None
    foramina: dict[str, tuple[int, float, float]]


def measure_real(folder: Path, progress: Callable[[float], None]) -> list[RealRow]:
    """A row for each scan in the folder that `data/README.md` describes; none where it is empty."""
    scans, rows = _scans(folder), []
    for number, scan in enumerate(scans):
        progress(number / len(scans))
        rows.append(_row(scan()))
    return rows


def _row(scan: RealScan) -> RealRow:
    try:
        model = build_sacrum(scan.ct, BuiltinSegmenter())
    except SafetyRefusal as refusal:
        return RealRow(scan.name, f"refused: {refusal}", 0.0, 0.0, scan.at_least, {})
    overlap = dice(scan.sacrum, model.labels, Structure.SACRUM) if scan.sacrum else None
    solid = dice_with_openings(scan.sacrum, model.labels) if scan.sacrum else None
    return RealRow(scan.name, model.verdict.value, overlap, solid, scan.at_least, _foramina(model))


def _foramina(model: SacrumModel) -> dict[str, tuple[int, float, float]]:
    """Per level: how many, mean distance from the midline and mean radius, mm."""
    sacrum_from_scanner = model.scanner_from_sacrum.inverse
    rows = {}
    for level in Level:
        found = [f for f in model.foramina if f.level is level]
        if found:
            offsets = [abs(float(sacrum_from_scanner(f.centre).single[0])) for f in found]
            radii = [f.radius_mm for f in found]
            rows[level.value] = (len(found), float(np.mean(offsets)), float(np.mean(radii)))
    return rows


def _scans(folder: Path) -> list[Callable[[], RealScan]]:
    """How to read each scan that is there; one at a time, for they are large."""
    ct = folder / "ct"
    experts = [ct / f"fracsegnet/{name}_ct.nii.gz" for name in ("001", "003")]
    drawn = sorted((folder / "labels/pelvic_reference").glob("*/label.mhd"))
    readers: list[tuple[Path, Callable[[Path], RealScan]]] = [
        *((path, _expert) for path in experts),
        (ct / "totalseg_example", _other_engine),
        *((path, _rendered) for path in drawn),
        (ct / "tcga_ov_09_2043", _unlabelled),
    ]
    return [partial(read, path) for path, read in readers if path.exists()]


def _expert(path: Path) -> RealScan:
    scan = read_ct(path)
    labels = path.with_name(path.name.replace("_ct", "_label"))
    given = labelled_segmenter(labels, parse_label_mapping(_EXPERT_MAP)).segment(scan).labels
    name = f"FracSegNet {path.name[:3]}, bone only, expert labels"
    return RealScan(name, scan, around(given, Structure.SACRUM), 0.93)


def _other_engine(path: Path) -> RealScan:
    scan = read_ct(path / "ct.nii.gz")
    labels = labelled_segmenter(path / "masks").segment(scan).labels
    name = "TotalSegmentator example, 3 mm, against its v1 output"
    return RealScan(name, scan, around(labels, Structure.SACRUM), 0.90)


def _rendered(path: Path) -> RealScan:
    """A hand-drawn label map as a synthetic CT: the shape is real, the grey values are made."""
    drawn = read_volume(path, Frame(f"2.25.{int(path.parent.name)}"))
    labels = Volume(drawn.values.astype(np.uint8), drawn.grid)
    ct = render_labels(labels, _DRAWN_BONES, ScannerSettings(), _RENDER_SEED)
    sacrum = Volume((labels.values == _DRAWN_SACRUM).astype(np.uint8), labels.grid)
    name = f"hand-drawn labels {path.parent.name}, rendered as CT"
    return RealScan(name, ct, around(sacrum, Structure.SACRUM), 0.92)


def _unlabelled(path: Path) -> RealScan:
    return RealScan("TCGA-OV, 3 mm, contrast", read_ct(path), None, None)
