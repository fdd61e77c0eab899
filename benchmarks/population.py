"""A population of virtual sacra beside the published table and beside real surfaces.

``python benchmarks/population.py`` prints two tables and writes them to `benchmarks/population.md`;
``--women 40 --samples 40`` for a quick look. Real surfaces are taken from `$SACROPLASTY_TEST_DATA`
or from beside the checkout, and named as absent otherwise.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sacral_surfaces import Cloud, Similarity, align, distances, first_alignment, read_cloud

from sacroplasty.phantom import PatientRequest, Sex, built_sacrum, measure_built

RESULTS = Path(__file__).parent / "population.md"
DATA = Path(
    os.environ.get("SACROPLASTY_TEST_DATA", Path(__file__).resolve().parents[2] / "shared/data")
)
_SURFACE_SPACING_MM = 2.2
LOOKED_AT = 5  # of the real sacra, sorted by name, while the profiles were drawn
# Mean, SD (None: not printed), what was measured, source.
PUBLISHED: dict[str, tuple[float, float | None, str]] = {
    "sacral_slope": (39.5, 7.8, "709 adults, Mac-Thiong 2011"),
    "sacral_height": (98.0, 9.2, "78 women, Oman"),
    "interauricular_width": (108.7, 11.0, "78 women, Oman"),
    "s1_body_width": (40.3, 7.0, "78 women, Oman"),
    "s1_dorsal_foramen_offset": (22.9, 2.8, "CT of 632"),
    "s1_dorsal_foramen_width": (8.5, 1.6, "CT of 632"),
    "s2_dorsal_foramen_width": (7.5, 1.8, "27 dry sacra"),
    "s2_dorsal_foramen_spacing": (29.8, 2.7, "27 dry sacra"),
    "s1_ventral_foramen_height": (12.97, None, "108 dry sacra, Saluja 2018"),
    "s1_ventral_foramen_width": (12.23, None, "108 dry sacra, Saluja 2018"),
    "s2_ventral_foramen_height": (12.85, None, "108 dry sacra, Saluja 2018"),
    "s2_ventral_foramen_width": (13.13, None, "108 dry sacra, Saluja 2018"),
    "s1_dorsal_foramen_height": (10.36, None, "108 dry sacra, Saluja 2018"),
    "s2_dorsal_foramen_height": (7.05, None, "108 dry sacra, Saluja 2018"),
    "s1_corridor": (13.1, 5.0, "CT model of 92, Wagner 2017; not an input; ours typical only"),
    "s2_corridor": (13.8, 2.4, "CT model of 92, Wagner 2017; not an input"),
}


def size_table(women: int) -> list[str]:
    """Means and SDs of women's sacra, measured on the built bone, beside the published ones."""
    measured = [
        measure_built(built_sacrum(PatientRequest(age_years=78), seed)[0])
        for seed in range(1, women + 1)
    ]
    lines = [
        f"Sizes of {women} virtual women of 78 years, measured on the built bone (mm, degrees).",
        "",
        "| size | published | built | mean off by, standard errors | SD off by, standard errors | source |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name, (mean, sd, source) in PUBLISHED.items():
        values = np.array([one[name] for one in measured])
        got, spread = values.mean(), values.std(ddof=1)
        reference = sd if sd is not None else spread
        off = (got - mean) / (reference / np.sqrt(women))
        off_sd = "–" if sd is None else f"{(spread - sd) / (sd / np.sqrt(2.0 * women)):+.1f}"
        text = f"{mean:g}" + ("" if sd is None else f" ± {sd:g}")
        lines.append(
            f"| `{name}` | {text} | {got:.1f} ± {spread:.1f} | {off:+.1f} | {off_sd} | {source} |"
        )
    volumes = np.array([one["volume"] for one in measured])
    lines += ["", f"Volume of the bone: {_spread(volumes)} mL.", ""]
    sides = np.array([one["s1_offset_left_minus_right"] for one in measured])
    lines += [f"Left minus right S1 foramen offset: {sides.mean():+.1f} ± {sides.std():.1f} mm."]
    return lines


def surface_table(samples: int) -> list[str]:
    """Each real sacrum, its nearest other real one and its nearest sample."""
    paths = sorted(DATA.glob("meshes/vsd_full_body/*_Sacrum.ply"))
    if not paths:
        return ["Real surfaces are absent: nothing compared."]
    real, volumes = zip(*(read_cloud(path) for path in paths), strict=True)
    template, _ = _sample(1)
    starts = [first_alignment(one, template) for one in real]
    found = np.empty((len(real), samples, 2))
    virtual_volumes = np.empty(samples)
    for n in range(samples):
        cloud, virtual_volumes[n] = _sample(n + 1)
        for r, (one, start) in enumerate(zip(real, starts, strict=True)):
            found[r, n] = _gap(one, cloud, start)
    pairs = _between_real(real, starts)
    lines = [
        f"Median and 95th percentile surface distance (mm) after rigid and scale alignment; {samples} samples.",
        "",
        "| real sacrum | nearest sample | mean over samples | nearest other real one | mean over real ones |",
        "|---|---:|---:|---:|---:|",
    ]
    rows = np.array(
        [
            (
                found[r, found[r, :, 0].argmin()],
                found[r].mean(0),
                pairs[r][np.nanargmin(pairs[r][:, 0])],
                np.nanmean(pairs[r], axis=0),
            )
            for r in range(len(real))
        ]
    )
    for r, row in enumerate(rows):
        seen = "looked at" if r < LOOKED_AT else "kept aside"
        lines.append(f"| {r + 1} ({seen}) | " + " | ".join(map(_pair, row)) + " |")
    for name, part in (("looked at", rows[:LOOKED_AT]), ("kept aside", rows[LOOKED_AT:])):
        lines.append(f"| mean, {name} | " + " | ".join(map(_pair, part.mean(0))) + " |")
    lines += ["", f"Volumes: samples {_spread(virtual_volumes)} mL, real {_spread(volumes)} mL."]
    return lines


def _sample(seed: int) -> tuple[Cloud, float]:
    sex = Sex.FEMALE if seed % 2 else Sex.MALE
    bone = built_sacrum(PatientRequest(sex=sex), seed, _SURFACE_SPACING_MM)[0].bone
    return Cloud(bone.surface()), bone.volume_ml


def _gap(fixed: Cloud, moving: Cloud, start: Similarity) -> tuple[float, float]:
    apart = distances(fixed, moving, align(fixed, moving, start))
    return float(np.median(apart)), float(np.percentile(apart, 95.0))


def _between_real(real: tuple[Cloud, ...], starts: list[Similarity]) -> NDArray[np.float64]:
    """(n, n, 2) gaps between real sacra; NaN on the diagonal."""
    gaps = np.full((len(real), len(real), 2), np.nan)
    for i, (fixed, by) in enumerate(zip(real, starts, strict=True)):
        for j, (moving, other) in enumerate(zip(real, starts, strict=True)):
            if i != j:
                turn, scale = by.turn @ other.turn.T, by.scale / other.scale
                shift = by.shift - scale * turn @ other.shift
                gaps[i, j] = _gap(fixed, moving, Similarity(turn, shift, scale))
    return gaps


def _pair(values: NDArray[np.float64]) -> str:
    return f"{values[0]:.2f} / {values[1]:.2f}"


def _spread(values: NDArray[np.float64] | tuple[float, ...]) -> str:
    return f"{np.mean(values):.0f} ± {np.std(values, ddof=1):.0f} ({min(values):.0f}–{max(values):.0f})"


def main() -> None:
    """Prints and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--women", type=int, default=100)
    parser.add_argument("--samples", type=int, default=200)
    chosen = parser.parse_args()
    lines = ["# Population of virtual sacra", "", "Made by `python benchmarks/population.py`.", ""]
    lines += [*surface_table(chosen.samples), "", *size_table(chosen.women)]
    text = "\n".join(lines) + "\n"
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
