"""Bytes of a text table to text: what it is encoded in, and what is to be said of that.

Belongs here: UTF-8 with or without its mark, UTF-16, GB18030, and files that mix them. Does not
belong here: separators and rows (``text_table.py``).
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from geoplan.errors import DataError, Remark
from geoplan.layers.formats.vectors.shapefile_table import python_encoding
from geoplan.layers.formats.vectors.vector import unreadable
from geoplan.layers.raw_table import listing, refuse
from geoplan.study import LayerFile
from geoplan.terms import Words

Decoded = tuple[str, str, tuple[Remark, ...]]

_CHINESE = "gb18030"
_MIXED = "UTF-8 + GB18030"
_LEAST_HAN = "\u3000"  # from here on three bytes of UTF-8 a character: no chance hit of GB18030


def decode(content: bytes, file: LayerFile, where: str) -> Decoded:
    """The text, its encoding and what is to be said of it."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in content[:4096] and not is_wide:
        raise unreadable(where, ValueError("binary data in a text table"))
    if file.encoding is not None:
        return _as_told(content, file.encoding, where)
    if is_wide:
        return _tidy(_strictly(content, "utf-16", where) or ""), "UTF-16", ()
    text = _strictly(content, "utf-8", where)
    if text is not None:
        return _tidy(text), "UTF-8", ()
    return _in_chinese(content, file.layer, where)


def _as_told(content: bytes, asked: str, where: str) -> Decoded:
    codec = python_encoding(asked)
    text = None if codec is None else _strictly(_without_mark(content), codec, where)
    if codec is None or text is None:
        raise _wrong_encoding(asked, where)
    return _tidy(text), codec.upper(), ()


def _in_chinese(content: bytes, layer: str, where: str) -> Decoded:
    """GB18030, line by line where some lines are UTF-8."""
    bare = _without_mark(content)
    lines = bare.splitlines(keepends=True)  # no byte of GB18030 looks like an end of line
    unicode = [_unicode_line(line) for line in lines]
    others = [at for at, text in enumerate(unicode) if text is None]
    if len(others) < len(lines) and any(map(_is_han, unicode)):
        return _mixed(lines, unicode, layer)
    text = _strictly(bare, _CHINESE, where)
    if text is None:
        return bare.decode(_CHINESE, errors="replace"), _CHINESE.upper(), (_garbled(layer),)
    said = (_false_mark(layer),) if bare != content else ()
    return _tidy(text), _CHINESE.upper(), said


def _mixed(lines: Sequence[bytes], unicode: Sequence[str | None], layer: str) -> Decoded:
    """A file whose lines were written by two programs; a short line may be either and is plain."""
    texts: list[str] = []
    odd, damaged = [], []
    for at, (line, text) in enumerate(zip(lines, unicode, strict=True), 1):
        if text is not None and (text.isascii() or _is_han(text)):
            texts.append(text)
            continue
        odd.append(at)
        texts.append(line.decode(_CHINESE, errors="replace"))
        damaged += [at] if "\ufffd" in texts[-1] else []
    said = [_mixed_remark(odd, layer), *([_garbled(layer)] if damaged else [])]
    return _tidy("".join(texts)), _MIXED, tuple(said)


def _is_han(text: str | None) -> bool:
    return text is not None and any(_LEAST_HAN <= mark < "\ufffe" for mark in text)


def _unicode_line(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _strictly(content: bytes, codec: str, where: str) -> str | None:
    """The text; ``None`` where it is not in this encoding; a refusal where it stops inside one."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        text = decoder.decode(content)
    except UnicodeError:
        return None
    if decoder.getstate()[0]:
        raise cut_off(where)
    return text


def _without_mark(content: bytes) -> bytes:
    return content.removeprefix(codecs.BOM_UTF8)


def _tidy(text: str) -> str:
    return text.lstrip("\ufeff").replace("\0", "")


def cut_off(where: str) -> DataError:
    """The refusal of a file that stops inside a row or a character."""
    return refuse(
        where,
        Words("文件在一行中间断了，不完整", "the file ends in the middle of a row: it is cut off"),
        Words("请重新导出或重新拷贝。", "Export or copy it again."),
    )


def _wrong_encoding(asked: str, where: str) -> DataError:
    return refuse(
        where,
        Words(
            f"文件不是 study.toml 写的 {asked} 编码",
            f'the file is not encoded in "{asked}" as study.toml says',
        ),
        Words(
            "请删去 encoding 让 geoplan 自己判断，或改为 gb18030、utf-8。",
            "Remove encoding and geoplan will tell by itself, or set gb18030 or utf-8.",
        ),
    )


def _garbled(layer: str) -> Remark:
    detail = Words(
        "有些字符按任何常见编码都读不出来，已用“�”代替",
        "some characters fit no usual encoding and were replaced by �",
    )
    return Remark("ENCODING_DAMAGED", detail, layer)


def _false_mark(layer: str) -> Remark:
    detail = Words(
        "文件开头有 UTF-8 标记，内容却是 GB18030，按内容读取",
        "the file begins with the mark of UTF-8 but its text is GB18030; read as what it is",
    )
    return Remark("ENCODING_GUESSED", detail, layer)


def _mixed_remark(lines: Sequence[int], layer: str) -> Remark:
    detail = Words(
        f"文件混有两种编码：文本第 {listing(lines)} 行是 GB18030，其余是 UTF-8，已逐行读取",
        f"the file mixes two encodings: text lines {listing(lines)} are GB18030, the others UTF-8; "
        "read line by line",
    )
    return Remark("ENCODING_MIXED", detail, layer, tuple(lines))
