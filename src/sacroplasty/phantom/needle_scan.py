"""A virtual intra-procedural CT: the same patient, moved, with needles in."""

from dataclasses import dataclass

import numpy as np

from sacroplasty.anatomy import Structure
from sacroplasty.errors import BadUsage
from sacroplasty.geometry import Frame, Rigid, require_same_frame
from sacroplasty.imaging import AIR_HU, Acquisition, CTVolume
from sacroplasty.phantom.image_chain import blurred, noise_field, whole_hu
from sacroplasty.phantom.laid_patient import lay_patient
from sacroplasty.phantom.metal_streaks import add_streaks
from sacroplasty.phantom.moved_patient import moved_patient
from sacroplasty.phantom.needle_streaks import Beam, add_needle_streaks
from sacroplasty.phantom.placement import Placement
from sacroplasty.phantom.request import VirtualPatient
from sacroplasty.phantom.scanner import scanner_grid, sharp_slices
from sacroplasty.phantom.scanner_settings import ScannerSettings
from sacroplasty.phantom.steel_needle import SteelNeedle, hub_share, steel_share
from sacroplasty.phantom.virtual_patient import virtual_uid
from sacroplasty.provenance import digest

_HUB_HU = 120.0  # hard plastic


@dataclass(frozen=True, eq=False, slots=True)
class NeedleScan:
    """The scan in its own frame of reference, and its truth.

    scan_from_patient: where a point of the planning CT lies in the scan. needles: as they truly
    are, in the frame of the scan, in the order they were given.
    """

    ct: CTVolume
    scan_from_patient: Rigid
    needles: tuple[SteelNeedle, ...]


def scan_with_needles(
    patient: VirtualPatient,
    needles: tuple[SteelNeedle, ...],
    scanner: ScannerSettings,
    seed: int,
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> NeedleScan:
    """Scan the patient again, with needles given in the frame of the planning CT.

    turn_deg: rotation vector about the centre of the S1 endplate, shift_mm: then a shift, along
    the planning CT's axes. `scanner` sets field, slices, kernel and noise; its table rotation is
    not used. The same arguments give the same bytes. Raises `BadUsage` for a negative seed,
    `FrameMismatch` for a needle of another frame.
    """
    if seed < 0:
        raise BadUsage(f"Seed {seed} of a virtual scan is negative: choose 0 or more.")
    for needle in needles:
        require_same_frame(needle, patient.ct)
    rng = np.random.default_rng([seed, patient.seed])
    purpose = f"needle scan {seed} {turn_deg} {shift_mm} {scanner}"
    frame = Frame(virtual_uid(patient.request, patient.seed, purpose))
    moved = moved_patient(patient, frame, turn_deg, shift_mm)
    grid = scanner_grid(scanner, frame)
    laid = lay_patient(patient.request, patient.seed)
    place = laid.real_placement
    seen = Placement(
        moved.rotation @ place.rotation, moved.rotation @ place.centre + moved.translation
    )
    hu, labels = sharp_slices(laid.shape, grid, seen, scanner)
    hu[labels == Structure.OUTSIDE] = AIR_HU  # the patient lies prone: no table behind the back
    noise = noise_field(grid.shape, scanner, rng)
    add_streaks(hu, grid, rng)
    placed = tuple(
        SteelNeedle(
            moved(n.entry), moved(n.tip), n.outer_diameter_mm, n.inner_diameter_mm, n.length_mm
        )
        for n in needles
    )
    beam = Beam.usual()
    steel = np.zeros(grid.shape, np.float32)
    for needle in placed:
        hub, metal = hub_share(needle, grid), steel_share(needle, grid)
        hu += hub * (_HUB_HU - hu)
        hu += metal * np.float32(beam.steel_hu)
        steel += metal
    add_needle_streaks(hu, steel, grid, beam, rng)
    values = whole_hu(blurred(hu, grid, scanner) + noise)
    acquisition = Acquisition(
        source_digest=digest(values),
        source_format="virtual patient",
        kvp=120.0,
        kernel=f"virtual {scanner.kernel.value}",
        manufacturer="sacroplasty virtual scanner",
        slice_thickness_mm=scanner.slice_mm,
    )
    return NeedleScan(CTVolume(values, grid, acquisition), moved, placed)
