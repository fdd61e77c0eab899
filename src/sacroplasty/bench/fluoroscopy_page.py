"""The rows of `bench fluoroscopy` as a page: every target beside what was measured."""

import platform

import numpy as np

from sacroplasty.bench.ellipsoids import ellipsoid_paths
from sacroplasty.bench.fluoroscopy_case import BEAMS, FluoroscopyCase, Timing, bench_pose
from sacroplasty.bench.fluoroscopy_peers import PeerPicture
from sacroplasty.bench.real_radiographs import RealRadiograph
from sacroplasty.geometry import Frame
from sacroplasty.reference import constant

_MOVED_FPS, _DELTA_FPS, _TIMES_FASTER, _MEMORY_MB = 20.0, 100.0, 10.0, 1536.0
_CORES = 2
_SAME_UNIT = 0.02  # a factor nearer to one than this is the engine's error, not its unit


def fluoroscopy_page(
    ours: FluoroscopyCase, peers: list[PeerPicture], real: list[RealRadiograph]
) -> str:
    """The page in Markdown."""
    return "\n".join(
        [
            "# Radiographs side by side",
            "",
            "Made by `sacroplasty bench fluoroscopy`: a pelvis of ellipsoids in a CT of 512×512×300 "
            "voxels, a detector of 512×512 pixels of 0.75 mm, source to detector 1020 mm, source to "
            f"isocentre 700 mm. Python {platform.python_version()}, {ours.threads} threads. Times "
            "are medians. CPU is the process's own time, for ours with one thread: half of it is what "
            "two free cores would need, whatever else this machine was doing. Ratios within one run "
            "may be compared.",
            "",
            *_targets(ours, peers),
            "",
            *_own_part(ours),
            "",
            *_peer_part(ours, peers),
            "",
            *_real_part(real),
            "",
        ]
    )


def _targets(ours: FluoroscopyCase, peers: list[PeerPicture]) -> list[str]:
    moved, cement = ours.slowest, ours.cement
    rows = [
        "| what must hold | target | measured |",
        "|---|---:|---:|",
        f"| frames per second, moved C-arm, slowest view ({moved.name}) | {_MOVED_FPS:.0f} | "
        f"{_fps(moved)} |",
        f"| frames per second, growing cement | {_DELTA_FPS:.0f} | {_fps(cement)} |",
    ]
    seen = [p for p in peers if p.line_integrals is not None]
    if seen:
        fastest = min(seen, key=lambda p: p.seconds)
        ap = ours.moved[0]
        rows.append(
            f"| times faster than the fastest peer ({fastest.name}), AP | {_TIMES_FASTER:.0f} | "
            f"{fastest.seconds / ap.wall_s:.1f} |"
        )
    peak = "not measured" if ours.peak_mb is None else f"{ours.peak_mb:.0f} MB"
    rows += [
        f"| memory beyond the CT, kept | {_MEMORY_MB:.0f} MB | {ours.kept_mb:.0f} MB |",
        f"| memory beyond the CT, peak of the process | {_MEMORY_MB:.0f} MB | {peak} |",
    ]
    return rows


def _fps(timing: Timing) -> str:
    free = max(timing.cpu_s / _CORES, 1e-6)
    return f"{1 / timing.wall_s:.0f} (CPU over two: {1 / free:.0f})"


def _own_part(ours: FluoroscopyCase) -> list[str]:
    lines = [
        "| ours | wall, ms | CPU, ms | RMS error to the closed form, of the peak |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| moved C-arm: {timing.name} {_ms(timing)} {ours.errors[timing.name]:.2%} |"
        for timing in ours.moved
    ]
    for name, timing in (
        ("first, coarse picture of a moved C-arm, 128×128", ours.coarse),
        ("growing cement, 20 mm across", ours.cement),
        ("advancing 11 G needle, 100 mm", ours.needle),
        ("once per patient: all stacks made", ours.first),
    ):
        lines.append(f"| {name} {_ms(timing)} – |")
    return lines


def _ms(timing: Timing) -> str:
    return f"| {1e3 * timing.wall_s:.1f} | {1e3 * timing.cpu_s:.1f} |"


def _peer_part(ours: FluoroscopyCase, peers: list[PeerPicture]) -> list[str]:
    pose = bench_pose(BEAMS["AP"], Frame("2.25.6"))
    exact = ellipsoid_paths(pose) * constant("radiograph_water_attenuation").value / 1000.0
    ap, peak = ours.moved[0], float(exact.max())
    lines = [
        "The same AP picture by each engine. RMS differences are of the peak; where an engine has "
        "a unit of its own, one factor is fitted (said in its row).",
        "",
        "| engine | wall, s | CPU, s | × ours | RMS to closed form | RMS to ours | peak memory, MB "
        "| settings |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
        f"| ours | {ap.wall_s:.4f} | {ap.cpu_s:.4f} | 1.0 | {ours.errors['AP']:.2%} | – | – | "
        "shear-warp, stacks kept |",
    ]
    for peer in peers:
        if peer.line_integrals is None:
            lines.append(f"| {peer.name} | – | – | – | – | – | – | {peer.settings} |")
            continue
        picture, note = peer.line_integrals, ""
        gain = float((picture * exact).sum() / (picture**2).sum())
        if abs(gain - 1) > _SAME_UNIT:
            picture, note = gain * picture, f"; × {gain:.4g}"
        off = [np.sqrt(((picture - other) ** 2).mean()) / peak for other in (exact, ours.ap)]
        cpu, memory = (
            "–" if np.isnan(x) else f"{x:{form}}"
            for x, form in ((peer.cpu_seconds, ".3f"), (peer.peak_mb, ".0f"))
        )
        lines.append(
            f"| {peer.name} | {peer.seconds:.3f} | {cpu} | {peer.seconds / ap.wall_s:.1f} | "
            f"{off[0]:.2%} | {off[1]:.2%} | {memory} | {peer.settings}{note} |"
        )
    return lines


def _real_part(rows: list[RealRadiograph]) -> list[str]:
    if not rows:
        return ["The real scans (or plastimatch) are absent on this machine."]
    lines = [
        "TCGA-OV, 3 mm, from poses that hang on its own sacrum: ours and plastimatch's picture of "
        "the same pose, one factor fitted over all four.",
        "",
        "| view | correlation | RMS difference, of the peak |",
        "|---|---:|---:|",
    ]
    return lines + [f"| {r.view} | {r.correlation:.5f} | {r.rms:.2%} |" for r in rows]
