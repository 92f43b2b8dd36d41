"""Bytes in a cell, described by their size and by what they begin with; they are never decoded.

<12,345 bytes, PNG>
"""

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"fLaC", "FLAC"),
    (b"OggS", "OGG"),
    (b"%PDF-", "PDF"),
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"\xff\xf2", "MP3"),
)
_RIFF = {b"WEBP": "WEBP", b"WAVE": "WAV"}

HEAD_BYTES = 12
"""How many bytes tell a kind of media."""


def describe_bytes(head: bytes, size: int) -> str:
    """The size, and the kind of media when the first bytes tell it."""
    kind = next((name for magic, name in _MAGIC if head.startswith(magic)), "")
    if head.startswith(b"RIFF"):
        kind = _RIFF.get(head[8:12], "")
    return f"<{size:,} {'byte' if size == 1 else 'bytes'}{', ' if kind else ''}{kind}>"
