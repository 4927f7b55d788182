"""TOML → Policy: every fault found in one pass; no number without a clause.

Belongs here: opening and checking policy files. What a policy *is* stands in ``model.py``; what
the user changes in it is in ``standard.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from geoplan.errors import PolicyError, Problem
from geoplan.policy.build import build_policy
from geoplan.policy.check import check_policy
from geoplan.policy.model import Indicator, Policy
from geoplan.policy.shape import Faults, check_shape
from geoplan.policy.standard import build_standard
from geoplan.study import beyond_toml, lies_there, toml_fault
from geoplan.terms import Words

__all__ = ["build_standard", "find_indicator", "list_policies", "read_policy"]


_NO_OTHER = Words("该政策没有任何指标。", "That policy has no indicators.")


def list_policies() -> tuple[Policy, ...]:
    """Every policy of the library, in order of id."""
    names = sorted(entry.name for entry in files("geoplan.policy").joinpath("library").iterdir())
    return tuple(read_policy(Path(name).stem) for name in names if name.endswith(".toml"))


def read_policy(reference: str | Path) -> Policy:
    """A policy by its id in the library or from a TOML file.

    Raises
    ------
    PolicyError
        the file is missing or malformed, a number has no clause, a key is unknown, a parameter is
        unused, the dates of a value leave a gap; all faults at once.

    Examples
    --------
    >>> read_policy("chongzuo-2021-2023").document_no
    '崇政办发〔2021〕35号'
    """
    return _read(str(reference), ())


def _read(reference: str, extending: tuple[str, ...]) -> Policy:
    """The policy; ``extending`` are the files that rest on it, to notice a circle."""
    content = _find(reference)
    if content is None:
        raise PolicyError(Problem(reference, *_no_such_policy(reference)))
    raw = _parse(reference, content)
    faults = Faults(reference)
    sound = check_shape(raw, faults)
    base = _base_of(raw, reference, extending, faults)
    if not sound:
        raise PolicyError(faults.found)
    policy = build_policy(raw, base, content, faults)
    check_policy(policy, faults)
    for other in policy.compare_with:
        if _find(other) is None:
            faults.add("[policy] compare_with", *_no_such_policy(other))
    if faults.found:
        raise PolicyError(faults.found)
    return policy


def find_indicator(policy: Policy, text: str) -> Indicator:
    """The indicator with this id or number.

    Raises
    ------
    PolicyError
        there is none; the nearest id is named.

    Examples
    --------
    >>> find_indicator(read_policy("chongzuo-2021-2023"), "9").id
    'rc_childcare_coverage'
    """
    for each in policy.indicators:
        if text in {each.id, each.number}:
            return each
    near = get_close_matches(text, [each.id for each in policy.indicators], n=1, cutoff=0)
    remedy = Words(f"最接近的是 {near[0]}。", f"The nearest is {near[0]}.") if near else _NO_OTHER
    missing = Words(f"{policy.id} 中没有这个指标", f"is no indicator of {policy.id}")
    raise PolicyError(Problem(text, missing, remedy))


def _find(reference: str) -> bytes | None:
    """The bytes of a policy: a file that ends in .toml, or an id in the library."""
    path = Path(reference)
    if _is_file_name(reference):
        return _bytes(path) if lies_there(path) and path.is_file() else None
    library = {each.name: each for each in files("geoplan.policy").joinpath("library").iterdir()}
    entry = library.get(f"{reference}.toml")
    return None if entry is None else entry.read_bytes()


def _is_file_name(reference: str) -> bool:
    return reference.lower().endswith(".toml")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fault = Words(f"打不开（{error.strerror}）", f"cannot be opened ({error.strerror})")
        remedy = Words(
            "请关闭占用它的程序，并检查权限。", "Close what uses it; check its permissions."
        )
        raise PolicyError(Problem(str(path), fault, remedy)) from None


def _no_such_policy(reference: str) -> tuple[Words, Words]:
    known = sorted(
        entry.name.removesuffix(".toml")
        for entry in files("geoplan.policy").joinpath("library").iterdir()
    )
    return (
        Words(f"没有政策 {reference}", f"there is no such policy {reference}".rstrip()),
        Words(
            f"可用：{'、'.join(known)}，或政策文件（.toml）的路径。",
            f"Use {', '.join(known)}, or the path of a policy file (.toml).",
        ),
    )


def _parse(where: str, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        fault = Words("不是 UTF-8 编码", "is not saved as UTF-8")
        remedy = Words("请另存为 UTF-8。", "Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        fault = toml_fault(error)
        remedy = Words("请按所示行列修改。", "Mend that line.")
    except (ValueError, ArithmeticError, RecursionError) as error:
        fault, remedy = beyond_toml(error)
    raise PolicyError(Problem(where, fault, remedy))


def _base_of(
    raw: Mapping[str, Any], reference: str, extending: tuple[str, ...], faults: Faults
) -> Policy | None:
    """The policy that this one extends: an id in the library, or a file beside it."""
    head = raw.get("policy", {})
    extends = head.get("extends") if isinstance(head, dict) else None
    if not isinstance(extends, str):
        return None
    if _is_file_name(extends):
        extends = str(Path(reference).parent / extends)
    chain = (*extending, reference)
    if _is_file_name(extends) and Path(extends).resolve() in {Path(p).resolve() for p in chain}:
        faults.add(
            "[policy] extends",
            Words(f"{extends} 又以本文件为基础", f"{extends} rests on this file itself"),
            Words("请去掉其中一处 extends。", "Take away one of the two `extends`."),
        )
        raise PolicyError(faults.found)
    if _find(extends) is None:
        faults.add("[policy] extends", *_no_such_policy(extends))
        raise PolicyError(faults.found)
    return _read(extends, chain)
