"""Everything that can go wrong, as one tree.

::

    SacroplastyError
    ├── BadInput                exit 2   the input or the command is wrong; the message says the next step
    │   ├── BadUsage                     an option, name or value that does not exist
    │   ├── UnreadableInput              not a scan, truncated, not decodable, not a volume
    │   ├── AmbiguousSeries              more than one usable series or acquisition: choose one
    │   ├── BrokenGeometry               tilt, gaps, shear, duplicates: refused, or repaired on request
    │   ├── MixedPatients                two patients in one input
    │   ├── CaseConflict                 the case folder belongs to another scan, or cannot be written
    │   └── FrameMismatch                two things that are not in the same patient frame
    ├── SafetyRefusal           exit 3   the software understood and declines
    │   ├── AnatomyNotTrusted            no sacrum, half a sacrum, wrong sides, a failed quality check
    │   ├── NoSafeCorridor               no needle path keeps the margins
    │   └── NotAsPlanned                 a placed needle is not where it was planned
    └── EngineMissing           exit 4   an optional external engine is needed and absent

A message names the thing, the value, the limit and the next step, in one or two sentences, and
never a patient's name.
"""


class SacroplastyError(Exception):
    """Root of the tree; `exit_code` is what the command line ends with."""

    exit_code = 1


class BadInput(SacroplastyError):
    """The input or the command is wrong."""

    exit_code = 2


class BadUsage(BadInput):
    """An option, a name or a value that does not exist."""


class UnreadableInput(BadInput):
    """Not a scan, truncated, not decodable, or not a volume."""


class AmbiguousSeries(BadInput):
    """More than one usable series or acquisition; the user chooses."""


class BrokenGeometry(BadInput):
    """Tilt, gaps, shear or duplicates; the message names the option that would repair it."""


class MixedPatients(BadInput):
    """Two patients in one input."""


class CaseConflict(BadInput):
    """The case folder belongs to another scan, or cannot be written."""


class FrameMismatch(BadInput):
    """Two things that are not in the same patient frame of reference."""


class SafetyRefusal(SacroplastyError):
    """The software understood the request and declines it for safety."""

    exit_code = 3


class AnatomyNotTrusted(SafetyRefusal):
    """No sacrum, half a sacrum, wrong sides, or a failed quality check."""


class NoSafeCorridor(SafetyRefusal):
    """No needle path keeps the margins; says the best clearance and what blocks it."""


class NotAsPlanned(SafetyRefusal):
    """A placed needle is not where it was planned, missing, or too near to something."""


class EngineMissing(SacroplastyError):
    """An optional external engine is needed and absent; says how to get it."""

    exit_code = 4
