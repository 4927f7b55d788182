"""Column headings, Chinese and English, to field keys.

Belongs here: comparing a heading with the spellings of ``headings.toml``. Does not belong here:
any particular spelling, or what a field's values mean.

A heading is compared whole, then by its last row, then with the weaker lists, then as a name cut
at ten bytes, then as a phrase that ends in a spelling. The strongest match wins; two columns of
equal strength are a problem that names both.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from geoplan.errors import Problem, Remark
from geoplan.layers.raw_table import listing
from geoplan.layers.tables.invisible import without_invisible
from geoplan.layers.tables.units import NO_FACTOR, is_unit, unit_factor
from geoplan.terms import Words

WHOLE, LAST_ROW, WEAK, CUT, ENDING = range(5)
WEAK_LISTS = frozenset({"own_code", "registered_population", "registered_households"})
PLACELESS = frozenset({"phases", "reported", "roads"})

_LEAST_LATIN, _LEAST_HAN = 4, 3
_REMEMBERED = 2048  # headings: more than a study has, few enough to hold whatever they say
_BRACKETS = str.maketrans("[]{}〔〕【】", "()()()()")
_BRACKET = re.compile(r"\(([^()]*)\)")
_ORDER = re.compile(r"(.+)#(\d+)")  # 建筑面积#2: the second column of that heading
_LAUNDERED_UNIT = re.compile(r"_([^_()]+)_$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TAIL = re.compile(r"[\W_\d年月末底数量合计总值汇]*")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The spellings of one layer: normalised spelling to field, strong and weak."""

    fields: tuple[str, ...]
    strong: Mapping[str, str]
    weak: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Matched:
    """Which column is which field.

    ``columns`` maps a field to its column; ``scale`` holds the factor of a field whose heading
    names a larger unit (万人); ``headings`` pairs every heading with its key, ``""`` for none.
    """

    columns: Mapping[str, int]
    scale: Mapping[str, Decimal]
    headings: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    column: int
    field: str
    strength: int


@lru_cache(maxsize=_REMEMBERED)
def normal_heading(text: str) -> str:
    """A heading without width, case, spaces or marks.

    Geodatabases turn every mark of a field name into ``_``: a unit at its end is put back into
    brackets, or its factor would be lost.

    Examples
    --------
    >>> normal_heading(" 建筑面积 （㎡）*"), normal_heading("实测养老_㎡_"), normal_heading("人口_万人_")
    ('建筑面积(m2)', '实测养老(m2)', '人口(万人)')
    """
    seen = without_invisible(text)
    folded = unicodedata.normalize("NFKC", seen).translate(_BRACKETS).casefold()
    return _LAUNDERED_UNIT.sub(_unit_again, re.sub(r"[\s*:]+", "", folded))


def _unit_again(found: re.Match[str]) -> str:
    return f"({found[1]})" if is_unit(found[1]) else found[0]


def _squeezed(text: str) -> str:
    """A Chinese heading without any mark: ``县_市、区_`` and ``县(市、区)`` are one; others as is."""
    return re.sub(r"[\W_]+", "", text) if _HAN.search(text) else text


def without_unit(text: str) -> str:
    """A normalised heading without the units in its brackets.

    Examples
    --------
    >>> without_unit("建筑面积(m2)"), without_unit("村(社区)")
    ('建筑面积', '村(社区)')
    """
    return _BRACKET.sub(lambda found: "" if is_unit(found[1]) else found[0], text)


def heading_scale(heading: str) -> Decimal | None:
    """What a heading's unit multiplies its numbers with; ``None`` for a unit that has no factor.

    Examples
    --------
    >>> heading_scale("常住人口（万人）"), heading_scale("户数")
    (Decimal('10000'), Decimal('1'))
    """
    units = [inside for inside in _BRACKET.findall(normal_heading(heading)) if is_unit(inside)]
    if any(unit in NO_FACTOR for unit in units):
        return None
    return next((factor for factor in map(unit_factor, units) if factor is not None), Decimal(1))


@cache
def _book() -> Mapping[str, Any]:
    text = (files("geoplan.layers.tables") / "headings.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def vocabulary(layer: str) -> Vocabulary:
    """Every spelling of a layer's fields.

    Examples
    --------
    >>> vocabulary("facilities").strong["建筑面积"]
    'floor_area_m2'
    """
    book = _book()
    fields: dict[str, list[str]] = dict(book["layer"][layer])
    if layer not in PLACELESS:
        fields |= book["place"]
    strong = {field.casefold(): field for field in fields}
    weak: dict[str, str] = {}
    squeezed: dict[str, tuple[str, dict[str, str]]] = {}
    for field, names in fields.items():
        for name in names:
            target = weak if name in WEAK_LISTS else strong
            for spelling in (name, *book["words"].get(name, ())):
                plain = without_unit(normal_heading(spelling))
                target.setdefault(plain, field)
                squeezed.setdefault(_squeezed(plain), (field, target))
    for spelling, (field, target) in squeezed.items():
        if spelling not in strong and spelling not in weak:
            target[spelling] = field
    return Vocabulary(tuple(fields), MappingProxyType(strong), MappingProxyType(weak))


def canonical(field: str, layer: str) -> str:
    """The published key of a field (``jiedao_code`` is the code of ``jiedao``).

    Examples
    --------
    >>> canonical("jiedao_code", "facilities"), canonical("division_code", "divisions")
    ('jiedao', 'division_code')
    """
    stem = field.removesuffix("_code")
    return stem if stem in vocabulary(layer).fields else field


def count_hits(headings: Sequence[str], layer: str, override: Mapping[str, str]) -> int:
    """How many different fields the headings name outright."""
    named = {_without_order(normal_heading(heading)) for heading in override.values()}
    hits = set()
    for heading in headings:
        if normal_heading(heading) in named:
            hits.add(heading)
        hits.update(claim.field for claim in _outright(heading, 0, layer))
    return len(hits)


def match_headings(
    headings: Sequence[str],
    layer: str,
    *,
    where: str,
    override: Mapping[str, str],
    is_numeric: Callable[[int], bool],
) -> Matched:
    """Find the field of every column.

    ``override`` is ``columns`` of study.toml (field to heading); ``is_numeric`` tells whether a
    column holds numbers, which decides headings that mean two things (JD).

    Examples
    --------
    >>> found = match_headings(
    ...     ["设施名称", "JD", "WD"], "facilities", where="a.csv", override={}, is_numeric=bool
    ... )
    >>> dict(found.columns)
    {'name': 0, 'lon': 1, 'lat': 2}
    """
    forced, problems = _forced(headings, layer, where=where, override=override)
    taken = set(forced.values())
    claims = [
        claim
        for column, heading in enumerate(headings)
        if column not in taken and not _set_apart(heading, layer)
        for claim in _claims(heading, column, layer, is_numeric=is_numeric)
        if claim.field not in forced
    ]
    claims += [
        claim
        for field, column in forced.items()
        for claim in _outright(headings[column], column, layer)
        if claim.field == "name" and field.endswith("_id") and "name" not in forced
    ]
    claims += _divided_claims(headings, {claim.column for claim in claims} | taken, layer)
    chosen, doubts, remarks = _settle(claims, headings, layer, where=where)
    columns = {**forced, **chosen}
    return Matched(
        MappingProxyType(columns),
        MappingProxyType(_scales(columns, headings)),
        tuple(_pairs(headings, columns, layer)),
        (*problems, *doubts),
        (*remarks, *_personal(headings, layer), *_unit_remarks(columns, headings, layer)),
    )


def _forms(heading: str) -> Iterator[tuple[str, int]]:
    """Spellings to try for a heading, each with its strength."""
    text = without_unit(normal_heading(heading))
    wholes = [text, _BRACKET.sub("", text)]
    parts = [part for part in wholes[1].split("/") if part]
    if len(parts) > 1:
        wholes += ["".join(parts), "".join(reversed(parts)), parts[0] + parts[-1]]
    for whole in dict.fromkeys(wholes):
        yield whole, WHOLE
    if "_" in text:
        yield _squeezed(text), WHOLE
        if text.endswith("_"):  # what stood in brackets, as 条款_是_否_ from 条款(是/否)
            for at in reversed([found.start() for found in re.finditer("_", text[:-1])]):
                yield _squeezed(text[:at]), WHOLE
    if len(parts) > 1:
        yield parts[-1], LAST_ROW


def _outright(heading: str, column: int, layer: str) -> list[_Claim]:
    found = _named_outright(heading, layer)
    return [] if found is None else [_Claim(column, *found)]


@lru_cache(maxsize=_REMEMBERED)
def _named_outright(heading: str, layer: str) -> tuple[str, int] | None:
    """The field that a heading names, and how strongly; a table asks for each heading often."""
    words, forms = vocabulary(layer), tuple(_forms(heading))
    for form, strength in forms:
        if form in words.strong:
            return words.strong[form], strength
    return next(((words.weak[form], WEAK) for form, _ in forms if form in words.weak), None)


def _claims(
    heading: str, column: int, layer: str, *, is_numeric: Callable[[int], bool]
) -> list[_Claim]:
    text = without_unit(normal_heading(heading))
    if text in {word.casefold() for word in _book()["ambiguous"]}:
        field = "lon" if is_numeric(column) else "jiedao"
        known = field in vocabulary(layer).fields
        return [_Claim(column, field, WHOLE)] if known else []
    return (
        _outright(heading, column, layer)
        or _cut_claims(heading, text, column, layer)
        or _ending_claims(_BRACKET.sub("", text), column, layer)
    )


def _divided_claims(headings: Sequence[str], taken: set[int], layer: str) -> list[_Claim]:
    """Claims of columns that divide one known heading in ways nobody knows: 建筑面积/一层."""
    first = {
        column: without_unit(normal_heading(heading)).partition("/")[0]
        for column, heading in enumerate(headings)
        if "/" in heading and column not in taken and not _set_apart(heading, layer)
    }
    strong = vocabulary(layer).strong
    return [
        _Claim(column, strong[name], ENDING)
        for column, name in first.items()
        if name in strong and [*first.values()].count(name) > 1
    ]


def _cut_claims(heading: str, text: str, column: int, layer: str) -> list[_Claim]:
    """Claims of a name cut at the ten bytes of a DBF heading, spaces in it counted."""
    sizes = {len(each.encode(code)) for each in (heading, text) for code in ("utf-8", "gb18030")}
    if not sizes & {9, 10}:
        return []
    found = {
        field
        for spelling, field in vocabulary(layer).strong.items()
        if spelling.startswith(text) and spelling != text
    }
    return [_Claim(column, field, CUT) for field in sorted(found)]


def _ending_claims(text: str, column: int, layer: str) -> list[_Claim]:
    """Claims of a phrase whose head, its last noun, is a spelling of three characters or more."""
    if any(word in text for word in _book()["doubtful"]):
        return []
    found: dict[str, int] = {}
    for spelling, field in vocabulary(layer).strong.items():
        if _is_head(spelling, text):
            found[field] = max(found.get(field, 0), len(spelling))
    longest = max(found.values(), default=0)
    fields = [field for field, size in found.items() if size == longest]
    return [_Claim(column, fields[0], ENDING)] if len(fields) == 1 else []


def _is_head(spelling: str, text: str) -> bool:
    start = text.rfind(spelling)
    if (start <= 0 and text == spelling) or start < 0:
        return False
    if not _TAIL.fullmatch(text[start + len(spelling) :]):
        return False
    if spelling.isascii():
        return len(spelling) >= _LEAST_LATIN and (start == 0 or not text[start - 1].isalnum())
    return len(spelling) >= _LEAST_HAN


def _settle(
    claims: Sequence[_Claim], headings: Sequence[str], layer: str, *, where: str
) -> tuple[dict[str, int], list[Problem], list[Remark]]:
    chosen: dict[str, int] = {}
    problems: list[Problem] = []
    remarks: list[Remark] = []
    for strength in range(ENDING + 1):
        rivals: dict[str, list[int]] = {}
        for column, fields in _by_column(claims, strength, chosen).items():
            if len(fields) > 1:
                problems.append(_cut_problem(headings[column], fields, where=where))
            else:
                rivals.setdefault(fields[0], []).append(column)
        for field, columns in rivals.items():
            if len(columns) > 1:
                key = canonical(field, layer)
                problems.append(_rival_problem(columns, headings, key, where=where))
            chosen[field] = columns[0]
            if strength in (CUT, ENDING) or _is_registered(headings[columns[0]]):
                remarks.append(_guess_remark(headings[columns[0]], field, layer))
    passed = [claim for claim in claims if claim.column not in chosen.values()]
    remarks += _passed_remarks(passed, chosen, headings, layer) if not problems else []
    return chosen, problems, remarks


def _is_registered(heading: str) -> bool:
    """Whether a heading counts registered people, which stand in for residents."""
    return "户籍" in heading


def _by_column(
    claims: Sequence[_Claim], strength: int, chosen: Mapping[str, int]
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for claim in claims:
        if claim.strength == strength and claim.field not in chosen:
            found.setdefault(claim.column, []).append(claim.field)
    return found


def _forced(
    headings: Sequence[str], layer: str, *, where: str, override: Mapping[str, str]
) -> tuple[dict[str, int], list[Problem]]:
    """The columns that study.toml names."""
    forced: dict[str, int] = {}
    problems: list[Problem] = []
    for key, heading in override.items():
        field = key if key in vocabulary(layer).fields else vocabulary(layer).strong.get(key)
        columns = _columns_of(heading, headings)
        column = columns[0] if columns else 0
        if field is None:
            problems.append(_unknown_field(key, layer, where=where))
        elif not columns:
            problems.append(_absent_heading(heading, headings, where=where))
        elif len(columns) > 1:
            problems.append(_repeated_problem(columns, headings, key, where=where))
        elif _is_particular(heading, layer):
            problems.append(_personal_problem(heading, where=where))
        else:
            forced[field] = column
    return forced, problems


def _columns_of(heading: str, headings: Sequence[str]) -> list[int]:
    """The columns that a heading in study.toml names: all of that heading, or the one counted to.

    Examples
    --------
    >>> headings = ["编号", "建筑面积", "建筑面积"]
    >>> _columns_of("建筑面积", headings), _columns_of("建筑面积#2", headings)
    ([1, 2], [2])
    """
    asked = normal_heading(heading)
    texts = [normal_heading(each) for each in headings]
    found = [column for column, text in enumerate(texts) if text == asked]
    counted = _ORDER.fullmatch(asked)
    if found or counted is None:
        return found
    alike = [column for column, text in enumerate(texts) if text == counted[1]]
    order = int(counted[2])
    return alike[order - 1 : order] if order else []


def _without_order(text: str) -> str:
    counted = _ORDER.fullmatch(text)
    return counted[1] if counted else text


def _address(column: int, headings: Sequence[str]) -> str:
    """What study.toml must write to name a column and no other."""
    texts = [normal_heading(each) for each in headings]
    if texts.count(texts[column]) == 1:
        return headings[column]
    return f"{headings[column]}#{texts[: column + 1].count(texts[column])}"


def _set_apart(heading: str, layer: str) -> bool:
    """Whether a column is never read: results, people's particulars, units without a factor."""
    text = without_unit(normal_heading(heading))
    is_result = text in _book()["ignored"]
    return is_result or _is_particular(heading, layer) or heading_scale(heading) is None


def _is_particular(heading: str, layer: str) -> bool:
    """Whether a column holds people's particulars and is none of the layer's own."""
    text = without_unit(normal_heading(heading))
    return _is_personal(text) and text not in vocabulary(layer).strong


def _is_personal(text: str) -> bool:
    return any(
        word in re.split(r"[\W_]+", text) or word == text if word.isascii() else word in text
        for word in _book()["personal"]
    )


def _scales(columns: Mapping[str, int], headings: Sequence[str]) -> dict[str, Decimal]:
    factors = {field: heading_scale(headings[column]) for field, column in columns.items()}
    return {field: factor for field, factor in factors.items() if factor not in (None, 1)}


def _pairs(
    headings: Sequence[str], columns: Mapping[str, int], layer: str
) -> Iterator[tuple[str, str]]:
    fields: dict[int, str] = {}
    for field, column in columns.items():
        fields.setdefault(column, canonical(field, layer))
    for column, heading in enumerate(headings):
        yield heading, fields.get(column, "")


def _personal(headings: Sequence[str], layer: str) -> list[Remark]:
    found = [
        heading
        for heading in headings
        if heading_scale(heading) is not None and _is_particular(heading, layer)
    ]
    if not found:
        return []
    named = listing(found)
    detail = Words(
        f"“{named}”列像是个人信息，没有读入。geoplan 只需要汇总数，建议从文件中删去",
        f"the columns {named} look like people's particulars and were not read. "
        "geoplan needs totals only; better to remove them from the file",
    )
    return [Remark("PERSONAL_COLUMN", detail, layer)]


def _unit_remarks(columns: Mapping[str, int], headings: Sequence[str], layer: str) -> list[Remark]:
    remarks = [
        Remark("UNIT_UNKNOWN", _factorless(heading), layer)
        for heading in headings
        if heading_scale(heading) is None
    ]
    for column in columns.values():
        factor = heading_scale(headings[column])
        if factor not in (None, 1):
            detail = Words(
                f"“{headings[column]}”列按表头的单位乘以 {factor}",
                f'the numbers of column "{headings[column]}" were multiplied by {factor}, '
                "as the unit in its heading says",
            )
            remarks.append(Remark("UNIT_SCALED", detail, layer))
    return remarks


def _factorless(heading: str) -> Words:
    return Words(
        f"“{heading}”列的单位不能精确换算，没有读入；请换算为 ㎡",
        f'the unit of column "{heading}" has no exact factor, so it was not read; convert it to m²',
    )


def _guess_remark(heading: str, field: str, layer: str) -> Remark:
    key = canonical(field, layer)
    detail = Words(
        f"“{heading}”列的表头不完全相同，读作 {key}。若不对，请在 study.toml 的 columns 中指明",
        f'column "{heading}" is not a known heading but close to one, and was read as {key}. '
        "If that is wrong, name the right column under columns in study.toml",
    )
    return Remark("HEADING_GUESSED", detail, layer)


def _passed_remarks(
    passed: Sequence[_Claim], chosen: Mapping[str, int], headings: Sequence[str], layer: str
) -> list[Remark]:
    remarks = []
    for column in dict.fromkeys(claim.column for claim in passed):
        field = next(claim.field for claim in passed if claim.column == column)
        if field not in chosen:
            continue
        used = headings[chosen[field]]
        detail = Words(
            f"“{headings[column]}”列没有使用：{canonical(field, layer)} 已取自“{used}”列",
            f'column "{headings[column]}" was not used: '
            f'{canonical(field, layer)} was taken from column "{used}", which fits better',
        )
        remarks.append(Remark("COLUMN_PASSED_OVER", detail, layer))
    return remarks


def _rival_problem(
    columns: Sequence[int], headings: Sequence[str], field: str, *, where: str
) -> Problem:
    named = [headings[column] for column in columns]
    zh = "、".join(f"“{heading}”" for heading in named)
    en = " and ".join(f'"{heading}"' for heading in named)
    return Problem(
        where,
        Words(
            f"{zh}两列以上都对应 {field}（第 {listing(_counted(columns))} 列）",
            f"columns {en} both mean {field} (columns {listing(_counted(columns))})",
        ),
        _choosing(columns, headings, field),
    )


def _repeated_problem(
    columns: Sequence[int], headings: Sequence[str], field: str, *, where: str
) -> Problem:
    name, places = headings[columns[0]], listing(_counted(columns))
    return Problem(
        where,
        Words(
            f"study.toml 的 columns 指明的“{name}”列有 {len(columns)} 列（第 {places} 列）",
            f'columns in study.toml names "{name}", which heads {len(columns)} columns ({places})',
        ),
        _choosing(columns, headings, field),
    )


def _counted(columns: Sequence[int]) -> list[int]:
    """Columns as people count them."""
    return [column + 1 for column in columns]


def _choosing(columns: Sequence[int], headings: Sequence[str], field: str) -> Words:
    """How study.toml names one of several columns; each of the lines shown works as it stands."""
    lines = [f'columns = {{ {field} = "{_address(column, headings)}" }}' for column in columns[:3]]
    return Words(
        f"请在 study.toml 该图层写明用哪一列：{' 或 '.join(lines)}。",
        f"Say which one in study.toml, for example {' or '.join(lines)}.",
    )


def _cut_problem(heading: str, fields: Sequence[str], *, where: str) -> Problem:
    return Problem(
        where,
        Words(
            f"“{heading}”列的名称被截断，可能是 {listing(fields)}",
            f'the heading "{heading}" was cut short and may mean {" or ".join(fields)}',
        ),
        Words(
            f'请在 study.toml 该图层的 columns 中指明，如 columns = {{ {fields[0]} = "{heading}" }}。',
            f'Say which in study.toml, for example columns = {{ {fields[0]} = "{heading}" }}.',
        ),
    )


def _personal_problem(heading: str, *, where: str) -> Problem:
    return Problem(
        where,
        Words(
            f"study.toml 的 columns 指明的“{heading}”列像是个人信息，geoplan 不读入",
            f'columns in study.toml names the column "{heading}", which looks like people\'s '
            "particulars and is never read",
        ),
        Words(
            "请改用汇总数或名称列，并从文件中删去个人信息。",
            "Name a column of totals or names of places, and remove particulars from the file.",
        ),
    )


def _unknown_field(key: str, layer: str, *, where: str) -> Problem:
    near = get_close_matches(key, vocabulary(layer).fields, 1)
    hint_zh = f"最接近的是 {near[0]}。" if near else "字段名见 geoplan init 生成的表头。"
    hint_en = f"The nearest is {near[0]}." if near else "See the headings that geoplan init writes."
    return Problem(
        where,
        Words(
            f"study.toml 的 columns 写了未知字段 {key}",
            f'columns in study.toml names the unknown field "{key}"',
        ),
        Words(hint_zh, hint_en),
    )


def _absent_heading(heading: str, headings: Sequence[str], *, where: str) -> Problem:
    return Problem(
        where,
        Words(
            f"study.toml 的 columns 指明的“{heading}”列不存在",
            f'columns in study.toml names a column "{heading}" that is not in the file',
        ),
        Words(
            f"文件中的列有：{listing(headings, most=40)}。",
            f"The columns in the file are: {listing(headings, most=40)}.",
        ),
    )
