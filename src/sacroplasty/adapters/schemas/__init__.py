"""JSON Schemas of every document that other programs may rely on."""

import json

from sacroplasty.adapters.schemas.case import ANATOMY, CASE, REHEARSE
from sacroplasty.adapters.schemas.density import DENSITY
from sacroplasty.adapters.schemas.doors import DOCTOR, ERROR, PHANTOM
from sacroplasty.adapters.schemas.fluoroscopy import FLUORO, POSE, VISIBILITY
from sacroplasty.adapters.schemas.fracture import FRACTURE, OEDEMA
from sacroplasty.adapters.schemas.injection import HEAT, INJECT, ODDS
from sacroplasty.adapters.schemas.leaks import LEAKS
from sacroplasty.adapters.schemas.model import MODEL
from sacroplasty.adapters.schemas.placed import PLACED
from sacroplasty.adapters.schemas.plan import PLAN
from sacroplasty.adapters.schemas.words import Schema, optional, record
from sacroplasty.errors import BadUsage

SCHEMAS: dict[str, Schema] = {
    "anatomy": ANATOMY,
    "case": CASE,
    "density": DENSITY,
    "doctor": DOCTOR,
    "error": ERROR,
    "fluoro": FLUORO,
    "fracture": record(fracture=optional(FRACTURE)),
    "heat": record(heat=optional(HEAT)),
    "inject": INJECT,
    "leaks": LEAKS,
    "model": MODEL,
    "odds": record(odds=optional(ODDS)),
    "oedema": record(mri=optional(OEDEMA)),
    "phantom": PHANTOM,
    "placed": PLACED,
    "plan": PLAN,
    "pose": POSE,
    "rehearse": REHEARSE,
    "visibility": VISIBILITY,
}


def schema_text(name: str) -> str:
    """The schema called `name` as JSON; raises `BadUsage` with the list of known ones."""
    if name not in SCHEMAS:
        raise BadUsage(f"There is no document {name!r}; known are {', '.join(SCHEMAS)}.")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name}
    return json.dumps(head | SCHEMAS[name], indent=2, ensure_ascii=False) + "\n"


__all__ = ["SCHEMAS", "schema_text"]
