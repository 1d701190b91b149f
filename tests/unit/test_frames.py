"""The frames of a connection are read as the library reads them, however they are cut."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close, CloseCode, Opcode
from websockets.frames import Frame as LibraryFrame
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.utils import apply_mask

from ementor.frames import BINARY, TEXT, Frame, FrameReader, framed

LIMIT = 70_000
MASK = b"\x11\x82\x03\xf4"


def protocol() -> ServerProtocol:
    return ServerProtocol(state=State.OPEN, max_size=LIMIT)


def sent(head: int, data: bytes, *, masked: bool = True, length: int | None = None, form: int = 0) -> bytes:
    """Return a frame as a client may send it: its length in 7, 16 or 64 bits, and not always the truth."""
    size = len(data) if length is None else length
    form = form or (7 if size < 126 else 16 if size < 2**16 else 64)
    mask_bit = 128 if masked else 0
    if form == 7:
        lengths = bytes([mask_bit | size & 127])
    elif form == 16:
        lengths = struct.pack("!BH", mask_bit | 126, size & 0xFFFF)
    else:
        lengths = struct.pack("!BQ", mask_bit | 127, size)
    return bytes([head]) + lengths + (MASK + apply_mask(data, MASK) if masked else data)


SIZES = st.sampled_from([0, 1, 2, 124, 125, 126, 127, 300, 65_535, 65_536, LIMIT, LIMIT + 1])
DATA = st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode), SIZES.map(bytes))
USUAL = st.builds(sent, st.sampled_from([0x81, 0x82]), DATA)
FRAGMENT = st.builds(sent, st.sampled_from([0x01, 0x02, 0x00, 0x80]), DATA)
PINGS = st.builds(sent, st.sampled_from([0x89, 0x8A, 0x09]), st.binary(max_size=130))
CLOSES = st.builds(
    sent,
    st.just(0x88),
    st.one_of(
        st.just(b""),
        st.binary(max_size=126),
        st.builds(
            lambda code, why: struct.pack("!H", code) + why, st.integers(0, 65_535), st.binary(max_size=20)
        ),
    ),
)
ODD = st.builds(
    sent,
    st.integers(0, 255),
    st.binary(max_size=20),
    masked=st.booleans(),
    length=st.one_of(st.none(), st.integers(0, 2**63), st.just(200_000_000)),
    form=st.sampled_from([0, 7, 16, 64]),
)
STREAMS = st.lists(st.one_of(USUAL, USUAL, USUAL, FRAGMENT, PINGS, CLOSES, ODD), max_size=8).map(b"".join)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    marks = [0, *sorted(one % (len(data) + 1) for one in at), len(data)]
    return [data[start:end] for start, end in pairwise(marks) if start < end]


def by_library(pieces: list[bytes]) -> list[tuple[list[Frame], bytes, bool]]:
    """Return after each piece: what frames it completes, what is answered, and whether to close."""
    line, said = protocol(), []
    for piece in pieces:
        line.receive_data(piece)
        events = [each for each in line.events_received() if isinstance(each, LibraryFrame)]
        frames: list[Frame] = [(each.opcode, bytes(each.data), each.fin) for each in events]
        said.append((frames, b"".join(line.data_to_send()), line.close_expected()))
    return said


def by_us(pieces: list[bytes]) -> list[tuple[list[Frame], bytes, bool]]:
    line, said = protocol(), []
    reader = FrameReader(line)
    for piece in pieces:
        frames: list[Frame] = reader.read(piece)
        said.append((frames, b"".join(line.data_to_send()), line.close_expected()))
    return said


@given(STREAMS, st.lists(st.integers(0, 200_000), max_size=6))
def test_a_stream_is_read_as_the_library_reads_it_however_it_is_cut(stream: bytes, at: list[int]) -> None:
    pieces = cut(stream, at)
    assert by_us(pieces) == by_library(pieces)


@given(
    st.lists(st.one_of(USUAL, FRAGMENT, PINGS, CLOSES, ODD), max_size=4).map(b"".join), st.integers(0, 400)
)
def test_it_is_read_so_when_it_comes_byte_by_byte(stream: bytes, start: int) -> None:
    stream = stream[: start + 400]  # lengths in 16 and 64 bits among them, and cut at each of their bytes
    pieces = ([stream[:start]] if start else []) + [stream[at : at + 1] for at in range(start, len(stream))]
    assert by_us([each for each in pieces if each]) == by_library([each for each in pieces if each])


def test_a_frame_that_is_too_large_is_refused_by_its_head() -> None:
    for form, size in ((16, 65_000), (64, 2**40)):
        line = ServerProtocol(state=State.OPEN, max_size=4096)
        head = sent(0x82, b"", length=size, form=form)[: 4 if form == 16 else 10]
        assert FrameReader(line).read(head) == []
        assert line.close_sent is not None
        assert line.close_sent.code == CloseCode.MESSAGE_TOO_BIG


def test_a_larger_frame_may_come_once_its_sender_is_known() -> None:
    line = ServerProtocol(state=State.OPEN, max_size=10)
    reader = FrameReader(line)
    large = sent(0x82, bytes(100))
    assert reader.read(sent(0x81, b"hello") + large[:1]) == [(TEXT, b"hello", True)]
    line.max_message_size = 100
    assert reader.read(large[1:]) == [(BINARY, bytes(100), True)]


def test_a_message_that_comes_in_drops_is_not_copied_for_each() -> None:
    reader, whole = FrameReader(protocol()), sent(0x82, bytes(LIMIT))
    joined = 0
    for at in range(len(whole) - 1):
        assert reader.read(whole[at : at + 1]) == []
        joined += len(reader._rest) == 0
    assert joined == 0  # from its head on it only grows, until it is whole
    assert reader.read(whole[-1:]) == [(BINARY, bytes(LIMIT), True)]


@given(st.sampled_from([TEXT, BINARY]), DATA)
def test_what_we_send_is_framed_as_the_library_would(opcode: int, data: bytes) -> None:
    assert framed(opcode, data) == LibraryFrame(Opcode(opcode), data).serialize(mask=False)


def test_a_close_is_answered_by_the_library() -> None:
    line = protocol()
    reader = FrameReader(line)
    goodbye = Close(CloseCode.GOING_AWAY, "later").serialize()
    assert [frame[0] for frame in reader.read(sent(0x81, b"2") + sent(0x88, goodbye))] == [TEXT, Opcode.CLOSE]
    assert not reader.is_usual
    assert line.close_expected()
    assert line.close_rcvd == Close(CloseCode.GOING_AWAY, "later")
