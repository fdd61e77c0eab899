"""The case folder: everything about one rehearsal, readable by a person and resumable by a tool."""

from sacroplasty.adapters.case_folder.files import move_tree
from sacroplasty.adapters.case_folder.folder import CaseFolder, StageRecord

__all__ = ["CaseFolder", "StageRecord", "move_tree"]
