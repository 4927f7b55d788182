"""What goes wrong and what is worth saying: problems, remarks and the errors that carry them.

Belongs here: the shape of a message to the user. Does not belong here: any particular message.

::

    GeoplanError                 the user can put this right; no traceback; exit code 2
    ├── StudyError               study.toml or an option: file missing, key unknown, day malformed
    ├── PolicyError              a policy file: file and key path
    └── DataError                a layer: file, layer, column, rows
    (anything else)              our bug; traceback; exit code 1
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geoplan.terms import Words


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault that makes an answer wrong, so the input is refused.

    Parameters
    ----------
    where : file, layer, column and rows, as precisely as known.
    what : what was found there.
    remedy : what the user can do about it.

    Examples
    --------
    >>> problem = Problem(
    ...     "study.toml: [study] as_of",
    ...     Words("“2023-13-01”不是日期", '"2023-13-01" is not a day'),
    ...     Words("请写成 2023-12-31。", "Write 2023-12-31."),
    ... )
    >>> print(problem)
    study.toml: [study] as_of: "2023-13-01" is not a day. Write 2023-12-31.
    >>> problem.say("zh")
    'study.toml: [study] as_of：“2023-13-01”不是日期。请写成 2023-12-31。'
    """

    where: str
    what: Words
    remedy: Words

    def say(self, language: str) -> str:
        """The whole message in ``zh`` or ``en``."""
        if language == "zh":
            return f"{self.where}：{self.what.zh}。{self.remedy.zh}"
        return f"{self.where}: {self.what.en}. {self.remedy.en}"

    def __str__(self) -> str:
        return self.say("en")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the reader of a result should know; the work goes on.

    Parameters
    ----------
    code : the stable reason code (``ON_BOUNDARY``), a key of ``terms.toml`` ``[code]``.
    detail : one sentence for a person.
    layer : the layer it concerns; empty for the study as a whole.
    rows : row numbers as the user's own program shows them (the heading of a table is row 1,
        the first feature of a vector file is row 1).
    ids : the ids of the rows, as far as they have any.
    set_aside : whether the rows were left out of the layer (``rows read = kept + set aside``).
    """

    code: str
    detail: Words
    layer: str = ""
    rows: tuple[int, ...] = ()
    ids: tuple[str, ...] = ()
    set_aside: bool = False


class GeoplanError(Exception):
    """One or more problems that the user can put right.

    Examples
    --------
    >>> empty = Words("文件是空的", "the file is empty")
    >>> error = GeoplanError(Problem("a.csv", empty, Words("请发完整文件。", "Send the full file.")))
    >>> error.problems[0].where
    'a.csv'
    >>> print(error)
    a.csv: the file is empty. Send the full file.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StudyError(GeoplanError):
    """study.toml or a command-line option is at fault."""


class PolicyError(GeoplanError):
    """A policy file or an override of one of its values is at fault."""


class DataError(GeoplanError):
    """A layer of the study is at fault."""
