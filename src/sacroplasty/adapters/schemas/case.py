"""`case.json`, and what ``rehearse --json`` prints."""

from sacroplasty.adapters.schemas.density import DENSITY
from sacroplasty.adapters.schemas.doors import ERROR
from sacroplasty.adapters.schemas.fracture import FRACTURE, OEDEMA
from sacroplasty.adapters.schemas.leaks import LEAKS
from sacroplasty.adapters.schemas.model import MODEL
from sacroplasty.adapters.schemas.plan import PLAN
from sacroplasty.adapters.schemas.words import (
    COUNT,
    NUMBER,
    SHA256,
    TEXT,
    VERDICT,
    VERDICTS,
    YES_NO,
    listed,
    mapping,
    optional,
    or_refused,
    record,
)

ACQUISITION = record(
    source_digest=TEXT,
    source_format=TEXT,
    series_uid=TEXT,
    kvp=optional(NUMBER),
    kernel=TEXT,
    manufacturer=TEXT,
    patient_position=TEXT,
    slice_thickness_mm=optional(NUMBER),
    repairs=listed(TEXT),
    notes=listed(TEXT),
)
CASE = record(
    schema_version=COUNT,
    not_a_medical_device=YES_NO,
    pseudonym=TEXT,
    frame_of_reference_uid=TEXT,
    acquisition=ACQUISITION,
    ct_sha256=SHA256,
    software=record(sacroplasty=TEXT, code_sha256=SHA256),
    stages=mapping(record(key=SHA256, files=mapping(SHA256), numbers_used=listed(TEXT))),
)
STAGES = listed(record(name=TEXT, seconds=NUMBER, peak_mb=NUMBER, resumed=YES_NO))
# A refused sacrum is described too.
ANATOMY = or_refused(
    record(
        case=TEXT,
        page=TEXT,
        verdict=VERDICT,
        stages=STAGES,
        model=MODEL,
        density=DENSITY,
        fracture=optional(FRACTURE),
        mri=optional(OEDEMA),
    ),
    ERROR,
)
REHEARSE = record(
    case=TEXT,
    report=TEXT,
    verdict=record(**VERDICTS),
    stages=STAGES,
    plan=PLAN,
    leaks=LEAKS,
)
