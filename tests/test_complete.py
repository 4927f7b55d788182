"""Nothing half-said: commands in the READMEs, labels for codes, names sorted, no loose ends."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from geoplan import __version__
from geoplan.cli import main
from geoplan.layers.tables.headings import vocabulary

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "geoplan"
MODULES = sorted(PACKAGE.rglob("*.py"))
READMES = ("README.md", "README.zh-CN.md")

# Upper-case words that are spelled like reason codes but belong to others (GDAL).
NOT_CODES = {  # of the environment, and GDAL's own
    "GDAL_HTTPS_PROXY",
    "GDAL_HTTP_PROXY",
    "GDAL_PAM_ENABLED",
    "GDAL_SKIP",
    "NO_PROXY",
    "OGR_CURRENT_DATE",
    "OGR_SQLITE_LOAD_EXTENSIONS",
    "OGR_SQLITE_PRAGMA",
    "SHAPE_RESTORE_SHX",
    "TIANDITU_TOKEN",
}

TERMS = tomllib.loads((PACKAGE / "terms.toml").read_text(encoding="utf-8"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def commands(group: click.Group, path: str = "geoplan") -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(main))
OPTIONS = {"--help", "--version"} | {
    option
    for command in COMMANDS.values()
    for parameter in command.params
    if isinstance(parameter, click.Option)
    for option in (*parameter.opts, *parameter.secondary_opts)
}


@pytest.mark.parametrize("name", READMES)
def test_each_command_and_option_is_in_the_readme_and_the_other_way_round(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert sorted(OPTIONS - said) == []
    assert sorted(said - OPTIONS) == []
    assert [words for words in COMMANDS if not re.search(rf"\b{words}\b", text)] == []
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", text, flags=re.DOTALL))
    called = set(re.findall(r"\bgeoplan ([a-z]+)", code))
    assert sorted(called - set(main.commands)) == []


def test_each_file_that_is_written_is_in_the_readmes(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "geoplan", "assess", REPOSITORY, "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in READMES:
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        assert [path.name for path in tmp_path.iterdir() if f"`{path.name}`" not in text] == []


@pytest.mark.parametrize("name", READMES)
def test_each_heading_in_the_readme_means_the_field_beside_it(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)`([^|]*\|.+)$", text, flags=re.MULTILINE)
    assert len(rows) > 5
    for layer, cells in rows:
        for field, heading in re.findall(r"`([a-z0-9_]+)` ([\u4e00-\u9fff]+)", cells):
            found = vocabulary(layer).strong.get(heading)
            assert found == field, f"{layer}: {heading}"


@pytest.mark.parametrize("words", COMMANDS)
def test_each_command_says_what_it_does_in_both_languages(words: str) -> None:
    said = COMMANDS[words].help or ""
    assert CHINESE.search(said)
    assert re.search(r"[a-z]{3}", said)


def test_public_names_are_sorted_and_there() -> None:
    assert import_module("geoplan").__all__
    for path in MODULES:
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        module = import_module(".".join(part for part in parts if part != "__init__"))
        names = list(getattr(module, "__all__", ()))
        assert names == sorted(set(names)), path
        assert [name for name in names if not hasattr(module, name)] == [], path


def literals() -> Iterator[tuple[str, ast.AST, str]]:
    """Every text constant of the package: where it stands, its node, the text."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.relative_to(REPOSITORY)}:{node.lineno}", node, node.value


def test_each_reason_code_has_a_label() -> None:
    spelled = re.compile(r"[A-Z]+(_[A-Z0-9]+)+")
    bare = [
        f"{where}: {word}"
        for where, _, text in literals()
        for word in [text.partition(":")[0]]
        if spelled.fullmatch(word) and word not in NOT_CODES | set(TERMS["code"])
    ]
    assert not bare, "\n".join(bare)


def test_each_remark_has_a_labelled_code() -> None:
    bare = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}: {node.args[0].value}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Remark"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in TERMS["code"]
    ]
    assert not bare, "\n".join(bare)


def test_each_labelled_code_is_used() -> None:
    words = {text.partition(":")[0] for _, _, text in literals()}
    stems = tuple(word for word in words if re.fullmatch(r"[A-Z]+(_[A-Z0-9]+)*_", word))
    spelled = words | {word.upper() for word in words & set(TERMS["size_class"])}
    unused = [code for code in TERMS["code"] if code not in spelled and not code.startswith(stems)]
    assert unused == []


def labelled(table: Mapping[str, object], path: str = "") -> Iterator[tuple[str, object, object]]:
    """Every row of ``terms.toml`` with its two labels."""
    for key, row in table.items():
        assert isinstance(row, dict), f"{path}{key}"
        if any(isinstance(value, dict) for value in row.values()):
            yield from labelled(row, f"{path}{key}.")
        else:
            yield f"{path}{key}", row.get("zh"), row.get("en")


def test_each_term_is_labelled_in_both_languages() -> None:
    for key, zh, en in labelled(TERMS):
        assert isinstance(zh, str), key
        assert zh.strip(), key
        assert isinstance(en, str), key
        assert en.strip() or key == "unit.count", key  # 2 个 is plain 2 in English
        assert not CHINESE.search(en), key


def test_no_word_of_a_group_means_two_things() -> None:
    for group, rows in TERMS.items():
        words = [
            word for row in rows.values() for word in {row["zh"], *row.get("synonyms", ())} if word
        ]
        assert sorted({word for word in words if words.count(word) > 1}) == [], group


def tracked() -> Iterator[tuple[str, str]]:
    """Name and text of every tracked text file."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    for name in filter(None, done.stdout.split("\0")):
        path = REPOSITORY / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            yield name, content.decode("utf-8", errors="replace")


def lines_with(pattern: str, *, inside: tuple[str, ...] = ("",)) -> list[str]:
    """Where a pattern occurs in tracked files whose names start with one of ``inside``."""
    looked_for = re.compile(pattern)
    return [
        f"{name}:{number}"
        for name, text in tracked()
        if name.startswith(inside)
        for number, line in enumerate(text.splitlines(), 1)
        if looked_for.search(line)
    ]


def test_no_path_of_a_machine_and_no_registry_host_is_written_down() -> None:
    paths = r"/(work|tmp|root|home|Users)" + r"/[A-Za-z.]"
    hosts = r"(pypi|pythonhosted|npmjs|deb\.debian|anaconda)" + r"\.(org|com)"
    assert lines_with(paths) == []
    assert lines_with(hosts) == []


def test_nothing_is_left_for_later() -> None:
    words = "|".join(["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", r"\bstub\b"])
    assert lines_with(words, inside=("geoplan/", "tests/", "tools/", "benchmarks/")) == []


def test_no_function_is_empty() -> None:
    empty = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}: {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and not node.decorator_list
        for rest in [node.body[1:] if ast.get_docstring(node) else node.body]
        if all(isinstance(part, ast.Pass) for part in rest)
    ]
    assert empty == []


def test_each_file_of_the_package_is_installed_with_it() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["geoplan"]
    suffixes = {".py"} | {Path(pattern).suffix or Path(pattern).name for pattern in patterns}
    left_out = [
        name
        for name, _ in tracked()
        if name.startswith("geoplan/")
        and not {Path(name).suffix, Path(name).name}.intersection(suffixes)
    ]
    assert left_out == []


def pinned() -> dict[str, str]:
    """The exact versions of ``constraints.txt`` by name in small letters."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {name.lower(): exact for name, exact in pairs}


def test_each_dependency_is_pinned_and_explained() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = [re.split(r"[<>=\[ ]", requirement)[0] for requirement in wanted]
    decisions = (REPOSITORY / "docs" / "decisions.md").read_text(encoding="utf-8")
    assert [name for name in names if name.lower() not in pinned()] == []
    assert [name for name in names if f"**{name}**" not in decisions] == []


def test_the_changelog_tells_of_this_version() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = changelog.split("\n## ")[1:]
    entry = next(each for each in entries if not each.startswith("Unreleased"))
    assert entry.startswith(__version__)
    assert version("geoplan") == __version__
    assert "*Indicators affected*" in entry
