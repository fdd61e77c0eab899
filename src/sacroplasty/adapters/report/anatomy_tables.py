"""The rows of the anatomy page's tables, as text with units."""

from sacroplasty.adapters.report.sentences import limb_phrase, side_phrase, volume_text
from sacroplasty.anatomy import (
    Foramen,
    Fracture,
    MriReading,
    RegionDensity,
    SacralDensity,
    SacrumModel,
    Structure,
)


def structure_rows(sacrum: SacrumModel) -> list[tuple[str, str]]:
    """Every structure with its volume, or why it is absent."""
    rows, volumes = [], sacrum.volumes_mm3
    for structure in Structure:
        if structure in {Structure.OUTSIDE, Structure.SOFT_TISSUE}:
            continue
        name = structure.label.replace("_", " ")
        if structure in volumes:
            rows.append((name, volume_text(volumes[structure])))
        else:
            rows.append((name, f"absent: {sacrum.absent.get(structure.label, 'not found')}"))
    named = {structure.label for structure in Structure}
    others = sorted((k, v) for k, v in sacrum.absent.items() if k not in named)
    return rows + [(name.replace("_", " "), f"absent: {why}") for name, why in others]


def foramen_rows(sacrum: SacrumModel) -> list[tuple[str, ...]]:
    """Level, side, radius, distance of the centre from the midline, ventral mouth against dorsal."""
    return [_foramen_row(sacrum, foramen) for foramen in sacrum.foramina]


def density_rows(density: SacralDensity) -> list[tuple[str, ...]]:
    """Region, volume, HU and density of the marrow, the whole sacrum first."""
    rows = [_density_row(region) for region in density.regions]
    return [*rows, _density_row(density.l5)] if density.l5 else rows


def void_rows(density: SacralDensity) -> list[tuple[str, str]]:
    """How much of each ala's marrow reads as fat."""
    return [
        (f"alar marrow that reads as fat, {side_phrase(side)}", f"{share:.0%}")
        for side, share in density.void_fraction.items()
    ]


def limb_rows(fracture: Fracture | None) -> list[tuple[str, ...]]:
    """Number, course, zones, level and displacement of each limb."""
    limbs = fracture.limbs if fracture else ()
    return [
        (
            str(number),
            limb_phrase(limb),
            ", ".join(map(str, limb.zones)) or "–",
            limb.level.value if limb.level else "–",
            "not measured" if limb.displacement_mm is None else f"{limb.displacement_mm:.1f} mm",
        )
        for number, limb in enumerate(limbs, start=1)
    ]


def oedema_rows(marrow: MriReading | None) -> list[tuple[str, ...]]:
    """Side, zones, volume and brightness of each bright region on the MRI."""
    parts = marrow.oedema.parts if marrow else ()
    return [
        (
            side_phrase(part.side),
            ", ".join(map(str, part.zones)),
            f"{part.volume_ml:.1f} mL",
            f"{part.brightness:.1f} × sound marrow",
        )
        for part in parts
    ]


def _density_row(region: RegionDensity) -> tuple[str, ...]:
    where = [
        region.segment or "",
        f"Denis zone {region.zone}" if region.zone else "",
        side_phrase(region.side) if region.side else "",
    ]
    return (
        ", ".join(filter(None, where)) or "whole sacrum",
        f"{region.volume_ml:.1f} mL",
        f"{region.mean_hu:.0f} ± {region.sd_hu:.0f} HU",
        f"{region.median_hu:.0f} HU",
        f"{region.density_mg_cm3:.0f} ± {region.uncertainty_mg_cm3:.0f} mg/cm³",
    )


def _foramen_row(sacrum: SacrumModel, foramen: Foramen) -> tuple[str, ...]:
    sacrum_from_scanner = sacrum.scanner_from_sacrum.inverse
    centre, ventral, dorsal = (
        sacrum_from_scanner(p).single
        for p in (foramen.centre, foramen.ventral_mouth, foramen.dorsal_mouth)
    )
    lateral = foramen.side.sign * (ventral[0] - dorsal[0])
    return (
        foramen.level.value,
        side_phrase(foramen.side),
        f"{foramen.radius_mm:.1f} mm",
        f"{foramen.side.sign * centre[0]:.1f} mm",
        f"{abs(lateral):.1f} mm {'lateral' if lateral >= 0 else 'medial'}",
        ", ".join(f"{v:.1f}" for v in foramen.centre.single),
    )
