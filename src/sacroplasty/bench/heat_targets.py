"""Temperatures that were published beside what the model gives for a ball of the same cement."""

from collections.abc import Callable
from dataclasses import dataclass

from sacroplasty.bench.heat_ball import CuredBall, HeatBall
from sacroplasty.cement import cure_kinetics, kinetics_names
from sacroplasty.reference import citation, constant

_DELIVERED_C = (22.0, 37.0)
Reads = Callable[[CuredBall], float]


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One published quantity and the range of the model over all cure kinetics and both starts.

    published: the range, or the mean less and plus two standard deviations, as `how` says.
    """

    study: str
    quantity: str
    unit: str
    how: str
    published: tuple[float, float]
    modelled: tuple[float, float]

    @property
    def verdict(self) -> str:
        """Whether all of the model's range, some of it or none lies in the published one."""
        (low, high), (least, most) = self.published, self.modelled
        if low <= least and most <= high:
            return "inside"
        return "overlaps" if least <= high and most >= low else "outside"


@dataclass(frozen=True, slots=True)
class _Quantity:
    name: str
    unit: str
    how: str
    published: tuple[float, float]
    reads: Reads


@dataclass(frozen=True, slots=True)
class _Study:
    source: str
    volumes_ml: tuple[float, ...]
    filling: float
    perfusion_w_per_m3_k: float
    dwell_above_c: float
    quantities: tuple[_Quantity, ...]


def published_heat_rows() -> tuple[HeatRow, ...]:
    """All rows, in the order of the studies; about a minute of computing.

    The model is a ball in endless bone, cured by each published kinetics and delivered at room or
    at body temperature. The studies give neither the cement's kinetics nor where exactly a probe
    was, so a row is a check of order and not a validation.
    """
    return tuple(row for study in _studies() for row in _rows(study))


def _rows(study: _Study) -> list[HeatRow]:
    cured = [
        CuredBall(
            HeatBall(ml, study.filling, cure_kinetics(name), delivered, study.perfusion_w_per_m3_k),
            study.dwell_above_c,
        )
        for ml in study.volumes_ml
        for name in kinetics_names()
        for delivered in _DELIVERED_C
    ]
    rows = []
    for quantity in study.quantities:
        values = [quantity.reads(ball) for ball in cured]
        rows.append(
            HeatRow(
                study=citation(study.source).text,
                quantity=quantity.name,
                unit=quantity.unit,
                how=quantity.how,
                published=quantity.published,
                modelled=(min(values), max(values)),
            )
        )
    return rows


def _spread(row: str) -> tuple[float, float]:
    found = constant(row)
    return found.low, found.high


def _quantity(row: str, name: str, how: str, reads: Reads) -> _Quantity:
    return _Quantity(name, constant(row).unit, how, _spread(row), reads)


def _studies() -> tuple[_Study, ...]:
    return (_cadaver(), _women(), _pig(), _goat(), _canal())


def _cadaver() -> _Study:
    half, canal = constant("vertebra_half_depth").value, constant("vertebra_canal_depth").value
    return _Study(
        "belkoff2003", (6.0, 10.0), constant("trabecular_filling").value, 0.0, 50.0,
        (
            _quantity("heat_t1_centre", "centre", "range", lambda b: b.centre_c),
            _quantity("heat_t1_cortex", "anterior cortex", "range", lambda b: b.peak_c(half)),
            _quantity("heat_t1_canal", "canal", "range", lambda b: b.peak_c(canal)),
            _quantity("heat_t1_dwell", "centre above 50 °C", "range", lambda b: b.dwell_s(0.0)),
        ),
    )  # fmt: skip


def _women() -> _Study:
    volume = constant("vertebra_cement").value
    perfusion = constant("heat_perfusion").value
    return _Study(
        "anselmetti2009", (volume,), constant("trabecular_filling").value, perfusion, 50.0,
        tuple(
            _quantity(f"heat_t2_{group}", f"in the cement, {kind} cements", "mean ± 2 SD",
                      lambda b: b.centre_c)
            for group, kind in (("a", "hot"), ("b", "warm"), ("c", "cool"))
        ),
    )  # fmt: skip


def _pig() -> _Study:
    half, root = constant("porcine_half_depth").value, constant("porcine_foramen_depth").value
    return _Study(
        "porcine_heat2011", (constant("porcine_cement").value,),
        constant("trabecular_filling").value, 0.0, 45.0,
        (
            _quantity("heat_t3_centre", "centre", "mean ± 2 SD", lambda b: b.centre_c),
            _quantity("heat_t3_anterior", "anterior cortex", "mean ± 2 SD",
                      lambda b: b.peak_c(half)),
            _quantity("heat_t3_posterior", "posterior cortex", "mean ± 2 SD",
                      lambda b: b.peak_c(half)),
            _quantity("heat_t3_foramen", "foramen", "mean ± 2 SD", lambda b: b.peak_c(root)),
            _quantity("heat_t3_dwell", "centre above 45 °C", "mean, half to twice",
                      lambda b: b.dwell_s(0.0)),
        ),
    )  # fmt: skip


def _goat() -> _Study:
    """Cement in a cavity: nothing but cement in the ball."""
    epidural = constant("goat_epidural_depth").value
    return _Study(
        "goat_heat2003", (constant("goat_cement").value,), 1.0, constant("heat_perfusion").value,
        50.0,
        (
            _quantity("heat_t4_interface", "cement-bone interface", "mean ± 2 K",
                      lambda b: b.interface_c),
            _quantity("heat_t4_epidural", "epidural space", "largest, ± 0.5 K",
                      lambda b: b.peak_c(epidural)),
        ),
    )  # fmt: skip


def _canal() -> _Study:
    canal = constant("vertebra_canal_depth").value
    return _Study(
        "canal_heat2012", (constant("vertebra_cement").value,),
        constant("trabecular_filling").value, 0.0, 50.0,
        (_quantity("heat_t5_canal", "canal", "range", lambda b: b.peak_c(canal)),),
    )  # fmt: skip
