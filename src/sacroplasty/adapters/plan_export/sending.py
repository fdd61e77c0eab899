"""Send needles to a program that listens for OpenIGTLink, as 3D Slicer does on port 18944."""

import socket

from sacroplasty.adapters.plan_export.needle_transform import transform_message
from sacroplasty.errors import BadUsage, CaseConflict
from sacroplasty.planning import TrajectoryPlan

_TIMEOUT_S = 5.0
_LARGEST_PORT = 65535


def listener_address(text: str) -> tuple[str, int]:
    """`host:port` taken apart (an IPv6 host stands in brackets). Raises `BadUsage`."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) <= _LARGEST_PORT):
        raise BadUsage(f"--igtl {text!r} is no host:port; 3D Slicer listens on 127.0.0.1:18944.")
    return host, int(port)


def send_needles(
    plan: TrajectoryPlan, address: tuple[str, int], *, timeout_s: float = _TIMEOUT_S
) -> int:
    """Send one TRANSFORM per needle over plain TCP; how many were sent.

    The connection is neither encrypted nor answered: it is meant for the same machine or an
    operating room's own network. Raises `CaseConflict` where nobody listens or takes the bytes.
    """
    messages = [transform_message(planned) for planned in plan.needles]
    try:
        with socket.create_connection(address, timeout=timeout_s) as connection:
            for message in messages:
                connection.sendall(message)
            connection.shutdown(socket.SHUT_WR)
    except (OSError, UnicodeError) as problem:
        why = "no answer in time" if isinstance(problem, TimeoutError) else str(problem)
        raise CaseConflict(
            f"The needles could not be sent to {address[0]}:{address[1]} ({why}); start the "
            "OpenIGTLink server there first (3D Slicer: OpenIGTLinkIF, Active)."
        ) from None
    return len(messages)
