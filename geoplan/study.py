"""study.toml: which area, which files, which policy, which day.

Belongs here: reading and checking the study file. Does not belong here: opening a layer.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path, PureWindowsPath
from typing import Any

from geoplan.errors import Problem, StudyError
from geoplan.terms import Words, terms

_SECTIONS = ("study", "layers", "policy_values", "aliases", "programme")
_STUDY_KEYS = ("name", "policy", "as_of", "crs", "period_start", "language", "map_review_no")
_FILE_KEYS = (
    "path",
    "crs",
    "encoding",
    "sheet",
    "layer",
    "columns",
    "control",
    "fit",
    "towgs84",
    "degrees",
    "separator",
    "quote",
    "skip_rows",
    "keep_rows",
)
_TEXT_KEYS = {
    "crs": '"EPSG:4545"',
    "encoding": '"gb18030"',
    "sheet": '"Sheet1"',
    "layer": '"facilities"',
    "separator": '";"',
    "quote": '"\'"',
}
_FITS = ("4", "6")
_DEGREES = ("decimal", "ddd.mmss")
_CONTROL_CELLS, _TOWGS84 = 4, (3, 7)
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A line of ``[layers]``: a file and how the user says it must be read.

    ``path`` is as it stands in study.toml, relative to the study's folder: that is also what
    messages and outputs show. ``control`` has the points that take a local system to ``crs``, each
    x and y as in the file, then easting and northing; ``fit`` is ``4`` or ``6`` parameters.
    ``degrees`` says how longitude and latitude are written: ``decimal`` or ``ddd.mmss``.
    ``separator`` and ``quote`` are one character each of a text table (an empty quote is none);
    ``skip_rows`` and ``keep_rows`` are row numbers that are no records, or are, whatever they look
    like.
    ``towgs84`` are three or seven parameters of Helmert from the layer's datum to WGS 84.
    """

    layer: str
    path: Path
    crs: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    sublayer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    control: tuple[tuple[float, ...], ...] = ()
    fit: str = "4"
    towgs84: tuple[float, ...] = ()
    degrees: str = ""
    separator: str | None = None
    quote: str | None = None
    skip_rows: tuple[int, ...] = ()
    keep_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """A folder with a study.toml.

    ``overrides`` are the raw ``[policy_values]`` plus ``--set`` values (strings or TOML values),
    checked later against the policy. ``aliases`` are ``[aliases]``: other names of places to the
    names or ids that the layers have. ``programme`` is the raw ``[programme]``: years, budgets and
    prices, checked by ``plan.assumptions``. ``map_review_no`` is the 审图号 of a public map.
    """

    folder: Path
    name: str
    policy: str
    as_of: date
    layers: Mapping[str, LayerFile]
    crs: str | None = None
    period_start: date | None = None
    language: str = "zh"
    overrides: Mapping[str, object] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    programme: Mapping[str, object] = field(default_factory=dict)
    map_review_no: str | None = None


def read_study(
    folder: str | Path = ".",
    *,
    as_of: date | None = None,
    policy: str | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Study:
    """The study in ``folder`` (or in that study.toml), with what the command line changes.

    Raises
    ------
    StudyError
        the file is missing or malformed, a key is unknown, a day is no day, a layer's file does
        not exist; all faults at once.
    """
    file = Path(folder)
    if (lies_there(file) and file.is_dir()) or file.suffix.lower() != ".toml":
        file /= "study.toml"
    raw = _parse(file)
    problems = _unknown_keys(raw)
    section = raw.get("study", {}) if isinstance(raw.get("study", {}), dict) else {}
    found = {
        "as_of": as_of or _day(section, "as_of", problems),
        "period_start": _day(section, "period_start", problems),
        "policy": policy or _text(section, "policy", problems),
        "name": _text(section, "name", problems),
        "language": _language(section, problems),
        "crs": _text(section, "crs", problems),
        "map_review_no": _text(section, "map_review_no", problems),
    }
    layers = _layer_files(raw.get("layers", {}), file.parent, problems)
    aliases = _aliases(raw.get("aliases", {}), problems)
    for key in ("name", "policy", "as_of"):
        if not found[key] and not any(f"[study] {key}" in each.where for each in problems):
            problems.append(_missing(key))
    if problems:
        raise StudyError(problems)
    return Study(
        folder=file.parent,
        name=str(found["name"]),
        policy=_policy_reference(str(found["policy"]), file.parent, from_cli=policy is not None),
        as_of=found["as_of"],  # type: ignore[arg-type]  # it is there: see above
        layers=layers,
        crs=found["crs"],  # type: ignore[arg-type]
        period_start=found["period_start"],  # type: ignore[arg-type]
        language=str(found["language"]),
        overrides={**raw.get("policy_values", {}), **(overrides or {})},
        aliases=aliases,
        programme=raw.get("programme", {}),
        map_review_no=found["map_review_no"],  # type: ignore[arg-type]
    )


def _parse(file: Path) -> dict[str, Any]:
    if not (lies_there(file) and file.is_file()):
        raise StudyError(
            Problem(
                str(file),
                Words("找不到研究文件", "there is no study file"),
                Words("请指定含 study.toml 的文件夹。", "Name a folder that holds a study.toml."),
            )
        )
    try:
        return tomllib.loads(_decode(file.read_bytes()), parse_float=Decimal)
    except OSError as error:
        fault = Words(f"打不开（{error.strerror}）", f"cannot be opened ({error.strerror})")
        remedy = Words(
            "请关闭占用它的程序，并检查权限。", "Close what uses it; check its permissions."
        )
    except UnicodeDecodeError:
        fault = Words("文字编码不明", "is in no known encoding")
        remedy = Words("请另存为 UTF-8。", "Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        fault = toml_fault(error)
        remedy = Words(
            "请按所示行列修改；路径用正斜杠 / 。",
            "Mend that line; write paths with forward slashes.",
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        fault, remedy = beyond_toml(error)
    raise StudyError(Problem(str(file), fault, remedy))


def lies_there(path: Path) -> bool:
    """Whether there is a file or folder of that name; none has a name that no system takes."""
    try:
        return path.exists()
    except OSError:
        return False


def toml_fault(error: tomllib.TOMLDecodeError) -> Words:
    """What to say of a file that is not TOML, with the line where reading stopped.

    Examples
    --------
    >>> toml_fault(tomllib.TOMLDecodeError("Invalid value (at line 3, column 8)")).zh
    '第 3 行第 8 列不合 TOML 写法（Invalid value）'
    """
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
    if found is None:
        return Words(f"不合 TOML 写法（{error}）", f"is not valid TOML ({error})")
    said, line, column = found.groups()
    return Words(
        f"第 {line} 行第 {column} 列不合 TOML 写法（{said}）",
        f"line {line}, column {column} is not valid TOML ({said})",
    )


def beyond_toml(error: Exception) -> tuple[Words, Words]:
    """What to say of TOML with a number or a nesting that no program can hold."""
    return (
        Words(
            f"有大得不合常理的数或嵌套（{type(error).__name__}）",
            f"holds a number or a nesting beyond all bounds ({type(error).__name__})",
        ),
        Words("请改正，或用 geoplan init 重新生成。", "Correct it, or start with geoplan init."),
    )


def _decode(content: bytes) -> str:
    """UTF-8, with or without the mark that Notepad puts first; else the Chinese code page."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _unknown_keys(raw: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    for section, known in (
        ("", _SECTIONS),
        ("study", _STUDY_KEYS),
        ("layers", _layer_names()),
        ("policy_values", None),
        ("aliases", None),
        ("programme", None),
    ):
        table = raw if not section else raw.get(section, {})
        if not isinstance(table, dict):
            problems.append(_not_a_section(section))
            continue
        problems += [
            _unknown(f"[{section}] {key}" if section else f"[{key}]", key, known)
            for key in table
            if known is not None and key not in known
        ]
    return problems


def _layer_names() -> tuple[str, ...]:
    """The layers a study can give; phases stand beside the projects or in a file of their own."""
    return tuple(terms("layer"))


def _unknown(place: str, key: str, known: Collection[str]) -> Problem:
    near = get_close_matches(key, list(known), n=1, cutoff=0)[0]
    return Problem(
        f"study.toml: {place}",
        Words("不认识的键", "unknown key"),
        Words(f"最接近的是 {near}。", f"The nearest known key is {near}."),
    )


def _not_a_section(section: str) -> Problem:
    return Problem(
        f"study.toml: {section}",
        Words("应当是一节", "must be a section"),
        Words(f"请写成 [{section}]。", f"Write [{section}]."),
    )


def _missing(key: str) -> Problem:
    examples = {
        "name": 'name = "崇左市"',
        "policy": 'policy = "chongzuo-2021-2023"',
        "as_of": "as_of = 2023-12-31",
    }
    return Problem(
        f"study.toml: [study] {key}",
        Words("缺少", "is missing"),
        Words(f"例如 {examples[key]}。", f"For example {examples[key]}."),
    )


def _text(section: Mapping[str, Any], key: str, problems: list[Problem]) -> str | None:
    value = section.get(key)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    problems.append(
        Problem(
            f"study.toml: [study] {key}",
            Words(f"{value!r} 不是文字", f"{value!r} is not a text"),
            Words(f'请写成 {key} = "…"。', f'Write {key} = "…".'),
        )
    )
    return None


def _day(section: Mapping[str, Any], key: str, problems: list[Problem]) -> date | None:
    value = section.get(key)
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        problems.append(
            Problem(
                f"study.toml: [study] {key}",
                Words(f"“{value}”不是日期", f'"{value}" is not a day'),
                Words("请写成 2023-12-31。", "Write 2023-12-31."),
            )
        )
        return None


def _language(section: Mapping[str, Any], problems: list[Problem]) -> str:
    value = section.get("language", "zh")
    if value not in _LANGUAGES:
        problems.append(
            Problem(
                "study.toml: [study] language",
                Words(f"“{value}”不是可用的语言", f'"{value}" is not a language we speak'),
                Words('请写 "zh" 或 "en"。', 'Write "zh" or "en".'),
            )
        )
        return "zh"
    return str(value)


def _policy_reference(text: str, folder: Path, *, from_cli: bool) -> str:
    """An id as it is; a file relative to the study, or as typed on the command line."""
    if not text.lower().endswith(".toml") or from_cli:
        return text
    return str(folder / _path(text))


def _path(text: str) -> Path:
    """A path as written on Windows or elsewhere."""
    return Path(PureWindowsPath(text).as_posix()) if "\\" in text else Path(text)


def _layer_files(raw: Any, folder: Path, problems: list[Problem]) -> dict[str, LayerFile]:
    files: dict[str, LayerFile] = {}
    known = _layer_names()
    for name, entry in raw.items() if isinstance(raw, dict) else ():
        if name not in known:
            continue  # reported among the unknown keys
        table = {"path": entry} if isinstance(entry, str) else entry
        place = f"[layers] {name}"
        if not isinstance(table, dict) or not _named(table.get("path")):
            problems.append(
                Problem(
                    f"study.toml: {place}",
                    Words("没有写明文件", "names no file"),
                    Words(f'请写成 {name} = "文件路径"。', f'Write {name} = "path/to/file".'),
                )
            )
            continue
        problems += [
            _unknown(f"{place}.{key}", key, _FILE_KEYS) for key in table if key not in _FILE_KEYS
        ]
        malformed = _malformed_keys(place, table)
        problems += malformed
        if not lies_there(folder / _path(table["path"])):
            problems.append(_no_such_file(place, table["path"]))
        if not malformed:
            files[name] = _layer_file(name, table)
    return files


def _aliases(raw: Any, problems: list[Problem]) -> dict[str, str]:
    """Other names of places: name to name, or to id."""
    if not isinstance(raw, dict):
        return {}  # reported as no section
    faulty = [name for name, meant in raw.items() if not (_named(name) and _named(meant))]
    problems += [
        Problem(
            f"study.toml: [aliases] {name}",
            Words(f"{raw[name]!r} 不是名称", f"{raw[name]!r} is no name"),
            Words(
                '请写成 "别名" = "图层中的名称或编号"。',
                'Write "other name" = "name or id in the layers".',
            ),
        )
        for name in faulty
    ]
    return {name: meant for name, meant in raw.items() if name not in faulty}


def _named(path: object) -> bool:
    return isinstance(path, str) and bool(path.strip())


def _malformed_keys(place: str, table: Mapping[str, Any]) -> list[Problem]:
    """The keys beside ``path`` whose values are of the wrong kind."""
    problems = [
        Problem(
            f"study.toml: {place}.{key}",
            Words(f"{table[key]!r} 不是文字", f"{table[key]!r} is not a text"),
            Words(f"例如 {key} = {example}。", f"For example {key} = {example}."),
        )
        for key, example in _TEXT_KEYS.items()
        if not isinstance(table.get(key, ""), str)
    ]
    columns = table.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(each, str) for each in columns.values()):
        example = '{ floor_area_m2 = "面积" }'
        problems.append(
            Problem(
                f"study.toml: {place}.columns",
                Words(f"{columns!r} 不是列名对照", f"{columns!r} does not name columns"),
                Words(f"请写成 columns = {example}。", f"Write columns = {example}."),
            )
        )
    return [*problems, *_malformed_marks(place, table), *_malformed_numbers(place, table)]


def _malformed_marks(place: str, table: Mapping[str, Any]) -> Iterator[Problem]:
    """Separators and quotes of more than one character, and rows that are no row numbers."""
    separator, quote = table.get("separator", ","), table.get("quote", "")
    if isinstance(separator, str) and (len(separator) != 1 or separator in "\r\n"):
        yield Problem(
            f"study.toml: {place}.separator",
            Words(f"“{separator}”不是一个字符", f'"{separator}" is not one character'),
            Words('请写成 ","、";"、"|" 或 "\\t"。', 'Write ",", ";", "|" or "\\t".'),
        )
    if isinstance(quote, str) and (len(quote) > 1 or (quote and quote in f"\r\n{separator}")):
        yield Problem(
            f"study.toml: {place}.quote",
            Words(f"“{quote}”不能用作引号", f'"{quote}" cannot be the quote'),
            Words(
                '请写一个字符，如 "\'"；没有引号写 ""。',
                'Write one character, such as "\'", or "" for none.',
            ),
        )
    for key in ("skip_rows", "keep_rows"):
        rows = table.get(key, [])
        if not isinstance(rows, list) or not all(
            isinstance(row, int) and not isinstance(row, bool) for row in rows
        ):
            yield Problem(
                f"study.toml: {place}.{key}",
                Words(f"{rows!r} 不是行号", f"{rows!r} are no row numbers"),
                Words(f"请写成 {key} = [8, 12]。", f"Write {key} = [8, 12]."),
            )


def _malformed_numbers(place: str, table: Mapping[str, Any]) -> Iterator[Problem]:
    """Control points, kind of fit and datum parameters that are not what they must be."""
    control = table.get("control", [])
    if not isinstance(control, list) or not all(
        _numbers(point) and len(point) == _CONTROL_CELLS for point in control
    ):
        yield Problem(
            f"study.toml: {place}.control",
            Words("控制点不是四个数一组", "a control point is not four numbers"),
            Words(
                "请写成 control = [[x, y, 东坐标, 北坐标], …]。",
                "Write control = [[x, y, easting, northing], …].",
            ),
        )
    if control and not table.get("crs"):
        yield Problem(
            f"study.toml: {place}.crs",
            Words(
                "控制点没有说明换算到哪个坐标系",
                "nothing says which system the control points lead to",
            ),
            Words('请写明 crs，如 "EPSG:4545"。', 'Say crs, such as "EPSG:4545".'),
        )
    if str(table.get("fit", "4")) not in _FITS:
        yield Problem(
            f"study.toml: {place}.fit",
            Words(f"不认识“{table['fit']}”", f'"{table["fit"]}" is not known'),
            Words('请写 "4"（四参数）或 "6"（六参数）。', 'Write "4" or "6" parameters.'),
        )
    if table.get("degrees", "decimal") not in _DEGREES:
        yield Problem(
            f"study.toml: {place}.degrees",
            Words(f"不认识“{table['degrees']}”", f'"{table["degrees"]}" is not known'),
            Words(
                '请写 "decimal"（小数）或 "ddd.mmss"（度.分秒）。', 'Write "decimal" or "ddd.mmss".'
            ),
        )
    shift = table.get("towgs84", [])
    if "towgs84" in table and not (_numbers(shift) and len(shift) in _TOWGS84):
        yield Problem(
            f"study.toml: {place}.towgs84",
            Words("不是三个或七个数", "is not three or seven numbers"),
            Words(
                "请写成 [dx, dy, dz] 或 [dx, dy, dz, rx, ry, rz, k]。",
                "Write [dx, dy, dz] or [dx, dy, dz, rx, ry, rz, k].",
            ),
        )


def _numbers(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, int | float | Decimal) and not isinstance(each, bool) for each in value
    )


def _layer_file(name: str, table: Mapping[str, Any]) -> LayerFile:
    return LayerFile(
        layer=name,
        path=_path(table["path"]),
        crs=table.get("crs"),
        encoding=table.get("encoding"),
        sheet=table.get("sheet"),
        sublayer=table.get("layer"),
        columns=table.get("columns", {}),
        control=tuple(tuple(map(float, point)) for point in table.get("control", ())),
        fit=str(table.get("fit", "4")),
        towgs84=tuple(map(float, table.get("towgs84", ()))),
        degrees=table.get("degrees", ""),
        separator=table.get("separator"),
        quote=table.get("quote"),
        skip_rows=tuple(table.get("skip_rows", ())),
        keep_rows=tuple(table.get("keep_rows", ())),
    )


def _no_such_file(place: str, path: str) -> Problem:
    if not path.isprintable():  # a backslash in double quotes stands for something else in TOML
        return Problem(
            f"study.toml: {place}",
            Words(
                f"路径 {path!r} 中的反斜杠被当作转义", f"backslashes changed the path to {path!r}"
            ),
            Words("路径请用正斜杠 / 。", "Write it with forward slashes."),
        )
    return Problem(
        f"study.toml: {place}",
        Words(f"找不到文件 {path}", f"there is no file {path}"),
        Words("请核对路径（相对于 study.toml）。", "Check the path; it is relative to study.toml."),
    )
