"""May this sacrum be planned on?"""

from sacroplasty.anatomy.sacrum_model import SacrumModel
from sacroplasty.errors import AnatomyNotTrusted
from sacroplasty.findings import Verdict


def require_trusted(sacrum: SacrumModel) -> None:
    """Raises `AnatomyNotTrusted` with what each failed check says; an open check is no failure."""
    if sacrum.verdict is Verdict.FAIL:
        raise AnatomyNotTrusted(
            f"The sacrum model failed its checks: {failures(sacrum)} Look at anatomy.html in the "
            "case folder; give better --labels, or accept it as it is with --accept-anatomy."
        )


def failures(sacrum: SacrumModel) -> str:
    """What the failed checks say, as sentences."""
    return " ".join(f.says for f in sacrum.findings if f.verdict is Verdict.FAIL)
