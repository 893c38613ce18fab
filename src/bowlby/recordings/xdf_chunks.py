"""The chunks of an XDF file, walked from end to end before anything is believed.

pyxdf skips what it cannot read and logs it; a measurement must not. So every length, count and
header is checked here first, and a file that ends inside a chunk is refused.

Source: XDF 1.0 specification (github.com/sccn/xdf/wiki/Specifications): chunk = length of the
length (1, 4 or 8), length, tag (2 bytes), content; samples carry a time stamp or none.
"""

import math
import struct
from dataclasses import dataclass
from xml.etree import ElementTree

from bowlby.recordings.recording import RecordingError

_SAMPLE_BYTES = {
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float32": 4,
    "double64": 8,
    "string": 0,
}
_FILE_HEADER, _STREAM_HEADER, _SAMPLES, _CLOCK_OFFSET, _STREAM_FOOTER = 1, 2, 3, 4, 6
_MAX_CHANNELS = 100_000
_AGAIN = "Copy the file again from the recording computer."


@dataclass
class _Stream:
    name: str
    n_channels: int
    format: str
    n_samples: int = 0
    has_footer: bool = False
    promised: int = 0


def check_xdf(data: bytes, *, source: str) -> tuple[bytes, tuple[str, ...]]:
    """Check that an XDF file is whole.

    Args:
        data: The file's bytes, uncompressed.
        source: The file's name, for messages.

    Returns:
        The bytes, without footers whose count of samples is no whole number (a reader stops
        there, and they are not needed), and what there is to tell.

    Raises:
        RecordingError: If a chunk is damaged or cut off.
    """
    if data[:4] != b"XDF:":
        raise RecordingError(
            f"{source}: not an XDF file (it starts with {data[:4]!r}). Check the file's ending."
        )
    streams: dict[int, _Stream] = {}
    unreadable: list[tuple[int, int]] = []
    at = 4
    while at < len(data):
        start, end = _chunk_bounds(data, at, source)
        (tag,) = struct.unpack_from("<H", data, start)
        try:
            _check_chunk(tag, data[start + 2 : end], streams)
        except (ValueError, struct.error, IndexError, ElementTree.ParseError) as error:
            raise RecordingError(
                f"{source}: the chunk at byte {at} is damaged ({error}). {_AGAIN}"
            ) from error
        if tag == _STREAM_FOOTER and not _has_whole_count(data[start + 6 : end]):
            unreadable.append((at, end))
        at = end
    if not streams:
        raise RecordingError(f"{source}: holds no stream; the recording is empty. {_AGAIN}")
    notes: list[str] = []
    unclosed = [s.name for s in streams.values() if not s.has_footer and s.n_samples]
    if unclosed:
        notes.append(
            f"No end was written for {', '.join(map(repr, unclosed))}: the recorder was "
            "stopped "
            "hard, and the last samples may be lost."
        )
    notes += [
        f"Stream {s.name!r} holds {s.n_samples} of the {s.promised} samples its end promises; "
        "its "
        "time stamps tell where the rest is missing."
        for s in streams.values()
        if s.promised
    ]
    if unreadable:
        notes.append(f"{len(unreadable)} stream ends with an unusual count were passed over.")
        begins = [0, *(end for _, end in unreadable)]
        ends = [*(begin for begin, _ in unreadable), len(data)]
        data = b"".join(data[a:b] for a, b in zip(begins, ends, strict=True))
    return data, tuple(notes)


def _has_whole_count(content: bytes) -> bool:
    stated = _parse_xml(content).findtext("sample_count")
    return stated is None or stated.strip().isdigit()


def _chunk_bounds(data: bytes, at: int, source: str) -> tuple[int, int]:
    """First byte of a chunk's tag and first byte after the chunk."""
    n_bytes = data[at]
    if n_bytes not in (1, 4, 8):
        raise RecordingError(
            f"{source}: the chunk at byte {at} has no valid length: the file is damaged. "
            f"{_AGAIN}"
        )
    start = at + 1 + n_bytes
    length = int.from_bytes(data[at + 1 : start], "little")
    if start > len(data) or start + length > len(data):
        raise RecordingError(
            f"{source}: cut off: the chunk at byte {at} runs past the end of the file "
            f"({len(data)} bytes). {_AGAIN}"
        )
    if length < 2:
        raise RecordingError(
            f"{source}: the chunk at byte {at} is too short: the file is damaged. {_AGAIN}"
        )
    return start, start + length


def _check_chunk(tag: int, content: bytes, streams: dict[int, _Stream]) -> None:
    if tag == _FILE_HEADER:
        _parse_xml(content)
        return
    if tag not in (_STREAM_HEADER, _SAMPLES, _CLOCK_OFFSET, _STREAM_FOOTER):
        return
    (identity,) = struct.unpack_from("<I", content)
    if tag == _STREAM_HEADER:
        if identity in streams:
            raise ValueError(f"stream {identity} begins twice")
        streams[identity] = _parse_header(content[4:])
        return
    if identity not in streams:
        raise ValueError(f"stream {identity} has no header")
    stream = streams[identity]
    if tag == _SAMPLES:
        stream.n_samples += _count_samples(content, 4, stream)
    elif tag == _CLOCK_OFFSET:
        if len(content) != 20 or not all(
            map(math.isfinite, struct.unpack_from("<dd", content, 4))
        ):
            raise ValueError("a clock offset is not two numbers")
    else:
        _check_footer(content[4:], stream)
        stream.has_footer = True


def _parse_header(content: bytes) -> _Stream:
    info = _parse_xml(content)
    name = _only_text(info, "name")
    n_channels = int(_only_text(info, "channel_count"))
    rate_hz = float(_only_text(info, "nominal_srate"))
    sample_format = _only_text(info, "channel_format")
    if not 0 < n_channels <= _MAX_CHANNELS or sample_format not in _SAMPLE_BYTES:
        raise ValueError(f"stream {name!r} has {n_channels} channels of {sample_format!r}")
    if not (math.isfinite(rate_hz) and 0 <= rate_hz < 1e7):
        raise ValueError(f"stream {name!r} has a rate of {rate_hz} Hz")
    return _Stream(name, n_channels, sample_format)


def _check_footer(content: bytes, stream: _Stream) -> None:
    stated = _parse_xml(content).findtext("sample_count")
    # More than stated happens in whole files: the last samples may arrive after the footer.
    if stated is not None and stream.n_samples < int(float(stated)):
        stream.promised = int(float(stated))


def _count_samples(content: bytes, at: int, stream: _Stream) -> int:
    """Number of samples of a chunk, which must fill it exactly."""
    n_samples, at = _varlen(content, at)
    n_bytes = stream.n_channels * _SAMPLE_BYTES[stream.format]
    for _ in range(n_samples):
        at += 9 if content[at] else 1
        if stream.format == "string":
            for _ in range(stream.n_channels):
                length, at = _varlen(content, at)
                at += length
        else:
            at += n_bytes
        if at > len(content):
            raise ValueError(f"samples of stream {stream.name!r} run past their chunk")
    if at != len(content):
        raise ValueError(f"samples of stream {stream.name!r} do not fill their chunk")
    return n_samples


def _varlen(content: bytes, at: int) -> tuple[int, int]:
    """A length-prefixed whole number and the position after it."""
    n_bytes = content[at]
    if n_bytes not in (1, 4, 8) or at + 1 + n_bytes > len(content):
        raise ValueError("a length is not valid")
    return int.from_bytes(content[at + 1 : at + 1 + n_bytes], "little"), at + 1 + n_bytes


def _parse_xml(content: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("a header declares entities, which no recorder does")
    root = ElementTree.fromstring(content.decode("utf-8", "replace"))
    if root.tag != "info":
        raise ValueError(f"a header is {root.tag!r} instead of 'info'")
    return root


def _only_text(info: ElementTree.Element, field_name: str) -> str:
    text = info.findtext(field_name)
    if not text:
        raise ValueError(f"a stream header lacks {field_name}")
    return text
