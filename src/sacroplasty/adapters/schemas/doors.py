"""What the small commands print with ``--json``, and how every command fails with it."""

from sacroplasty.adapters.schemas.words import (
    COUNT,
    NUMBER,
    TEXT,
    listed,
    mapping,
    optional,
    record,
)

ERROR = record(error=record(kind=TEXT, message=TEXT, exit_code=COUNT))
DOCTOR = record(
    sacroplasty=TEXT,
    python=TEXT,
    cores=COUNT,
    memory_gb=NUMBER,
    libraries=mapping(optional(TEXT)),
    engines=listed(record(name=TEXT, used_for=TEXT, found=optional(TEXT), how_to_get=TEXT)),
)
PHANTOM = record(patient=TEXT, seed=COUNT, truth=TEXT)
