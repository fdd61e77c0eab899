"""OpenIGTLink: what arrives at a real socket, decoded by hand from the protocol's description."""

import socket
import struct
import threading
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from toy_plan import toy_needle, toy_plan

from sacroplasty.adapters.plan_export import listener_address, send_needles, transform_message
from sacroplasty.adapters.plan_export.needle_transform import crc64
from sacroplasty.anatomy import Side
from sacroplasty.errors import BadUsage, CaseConflict
from sacroplasty.planning import PlannedNeedle

HEADER_BYTES = 58


def _polynomial_remainder(content: bytes) -> int:
    """CRC-64 by its definition: the message times x^64, divided by the polynomial over GF(2)."""
    dividend = int.from_bytes(content, "big") << 64
    divisor = (1 << 64) | 0x42F0E1EBA9EA3693
    while dividend.bit_length() > 64:
        dividend ^= divisor << (dividend.bit_length() - 65)
    return dividend


def _matrix(body: bytes) -> NDArray[np.float64]:
    numbers = [struct.unpack(">f", body[4 * n : 4 * n + 4])[0] for n in range(12)]
    matrix = np.eye(4)
    for column in range(4):
        matrix[:3, column] = numbers[3 * column : 3 * column + 3]
    return matrix


def _decoded(message: bytes) -> tuple[str, NDArray[np.float64], bytes]:
    header, body = message[:HEADER_BYTES], message[HEADER_BYTES:]
    assert int.from_bytes(header[:2], "big") == 1
    assert header[2:14].rstrip(b"\0") == b"TRANSFORM"
    assert int.from_bytes(header[42:50], "big") == len(body) == 48
    assert int.from_bytes(header[50:58], "big") == _polynomial_remainder(body)
    return header[14:34].rstrip(b"\0").decode("ascii"), _matrix(body), header


def _ras(lps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Right = −left, anterior = −posterior, superior = superior."""
    left, posterior, superior = lps
    return np.array([-left, -posterior, superior])


def _check_needle(matrix: NDArray[np.float64], planned: PlannedNeedle) -> None:
    needle = planned.needle
    tip = matrix @ [0.0, 0.0, 0.0, 1.0]
    entry = matrix @ [0.0, 0.0, -needle.length_mm, 1.0]
    assert np.allclose(tip[:3], _ras(needle.tip.single), atol=1e-3)
    assert np.allclose(entry[:3], _ras(needle.entry.single), atol=1e-3)
    assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-5)
    assert np.linalg.det(matrix[:3, :3]) > 0


def test_the_checksum_is_the_published_one() -> None:
    """The check value of CRC-64/ECMA-182 in the catalogues: of the ASCII digits 1 to 9."""
    assert crc64(b"123456789") == 0x6C40DF5F0B497347
    assert crc64(bytes(range(200))) == _polynomial_remainder(bytes(range(200)))


def test_needles_arrive_at_a_listening_program_in_ras() -> None:
    plan, received = toy_plan(), bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(4096):
                    received.extend(part)

        listener = threading.Thread(target=listen)
        listener.start()
        sent = send_needles(plan, ("127.0.0.1", server.getsockname()[1]))
        listener.join(timeout=10)
    assert sent == 2
    size = HEADER_BYTES + 48
    assert len(received) == 2 * size
    for n, planned in enumerate(plan.needles):
        name, matrix, header = _decoded(bytes(received[n * size : (n + 1) * size]))
        assert name == planned.name
        assert header[34:42] == bytes(8)
        _check_needle(matrix, planned)
    left = _decoded(bytes(received[:size]))[1]
    assert left[0, 3] < 0, "the patient's left is at negative R"


def test_version_2_wraps_the_same_matrix() -> None:
    planned = toy_needle(Side.RIGHT)
    message = transform_message(planned, version=2)
    header, body = message[:HEADER_BYTES], message[HEADER_BYTES:]
    assert int.from_bytes(header[:2], "big") == 2
    assert int.from_bytes(header[50:58], "big") == _polynomial_remainder(body)
    size, metadata_header, metadata = struct.unpack(">HHI", body[:8])
    assert (size, metadata_header, metadata) == (12, 2, 0)
    _check_needle(_matrix(body[12:60]), planned)
    assert body[60:] == b"\0\0"
    with pytest.raises(BadUsage, match="version 3"):
        transform_message(planned, version=3)


@pytest.mark.parametrize(
    "target", [(34.0, -4.0, -18.0), (-20.0, 60.0, -30.0), (42.0, 60.0, 10.0), (42.1, 0.0, -30.0)]
)
def test_any_direction_has_a_right_handed_frame(target: tuple[float, float, float]) -> None:
    planned = toy_needle(Side.LEFT, target=target)
    _check_needle(_decoded(transform_message(planned))[1], planned)


def test_a_long_or_foreign_name_is_cut_and_never_breaks_the_header() -> None:
    planned = replace(toy_needle(Side.LEFT), name="Nadel über S1 links, zweiter Versuch")
    name, _, _ = _decoded(transform_message(planned))
    assert name == "Nadel ?ber S1 links,"


def test_nobody_listening_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CaseConflict, match=f"127.0.0.1:{port}"):
        send_needles(toy_plan(), ("127.0.0.1", port), timeout_s=2.0)


def test_addresses_are_read_or_refused() -> None:
    assert listener_address("localhost:18944") == ("localhost", 18944)
    assert listener_address("[::1]:1") == ("::1", 1)
    for wrong in ("localhost", ":18944", "host:", "host:x", "host:0", "host:65536", "host:-1", ""):
        with pytest.raises(BadUsage, match="host:port"):
            listener_address(wrong)
