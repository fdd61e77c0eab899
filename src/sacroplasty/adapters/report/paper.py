"""The paper that every page is printed on: template, style, banner; no network, no script."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sacroplasty import NOT_A_DEVICE
from sacroplasty.adapters.report.sentences import VERDICT_SIGNS

_FOLDER = "sacroplasty.adapters.report"


def render_page(template: str, content: dict[str, object]) -> str:
    """A template of this folder filled with `content`; a name that is missing is a defect."""
    pages = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_packaged),
    )
    pages.globals.update(signs=VERDICT_SIGNS)
    return pages.get_template(template).render(
        style=Markup(_packaged("style.css")), not_a_device=NOT_A_DEVICE, **content
    )


def _packaged(name: str) -> str:
    return files(_FOLDER).joinpath(name).read_text(encoding="utf-8")
