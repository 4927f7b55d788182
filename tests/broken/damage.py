"""Damaged files of every format, read one after another in a process of their own.

``python -m tests.broken.damage FOLDER FIRST LAST`` makes the damaged files of those numbers from
the sound ones that ``make_sound`` put into FOLDER, reads each, and prints its number and name
before it does: when the process dies or hangs, its last line names the file. A number always
gives the same damage.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

import shapely

from geoplan.errors import DataError
from geoplan.layers.read import READERS, look_through
from geoplan.study import LayerFile
from tests.layers.small_town import (
    CRS,
    FACILITIES,
    FACILITY_SHAPES,
    TABLE_WRITERS,
    VECTOR_WRITERS,
    study,
    write_xlsx,
)

MOST_SECONDS = 20
MOST_BYTES = 1_000_000_000
STREETS = frozenset({".osm", ".pbf", ".graphml"})
OWN_CRS = frozenset({".kml", ".kmz", ".ovkml", ".ovkmz", ".txt"}) | STREETS
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>d</name><Folder><name>设施</name>
<Placemark><name>太平托育园</name><ExtendedData>
<Data name="设施编号"><value>F1</value></Data><Data name="设施类型"><value>托育园</value></Data>
</ExtendedData><Point><coordinates>107.35,22.41,0</coordinates></Point></Placemark>
<Placemark><name>乙</name><ExtendedData><SchemaData><SimpleData name="设施编号">F2</SimpleData>
<SimpleData name="设施类型">养老院</SimpleData></SchemaData></ExtendedData><Polygon>
<outerBoundaryIs><LinearRing><coordinates>107.1,22.1 107.2,22.1 107.2,22.2 107.1,22.1</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark></Folder></Document></kml>"""
DXF = """0
SECTION
2
HEADER
9
$DWGCODEPAGE
3
ANSI_936
0
ENDSEC
0
SECTION
2
ENTITIES
0
POLYLINE
8
设施
66
1
70
1
0
VERTEX
8
设施
10
433000
20
2478000
0
VERTEX
8
设施
10
433100
20
2478000
0
VERTEX
8
设施
10
433100
20
2478100
0
SEQEND
0
TEXT
8
注记
10
433090
20
2478010
40
5
1
太平托育园
0
ENDSEC
0
EOF
"""
PARCELS = """[属性描述]
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=36
[地块坐标]
5,1,CZ-01,示意地块,面,,托育园,0701,@
J1,1,2478823.724,36433431.374
J2,1,2478923.724,36433431.374
J3,1,2478923.724,36433531.374
J4,1,2478823.724,36433531.374
J1,1,2478823.724,36433431.374
"""
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6"><node id="1" lat="22.41" lon="107.35" version="1"/>
<node id="2" lat="22.42" lon="107.35" version="1"/><node id="3" lat="22.43" lon="107.36"/>
<way id="9" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/>
<tag k="name" v="太平路"/></way></osm>
"""
GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="graph" attr.name="crs" attr.type="string"/>
<key id="d1" for="node" attr.name="x" attr.type="string"/>
<key id="d2" for="node" attr.name="y" attr.type="string"/>
<key id="d3" for="edge" attr.name="highway" attr.type="string"/>
<graph edgedefault="directed"><data key="d0">epsg:4326</data>
<node id="1"><data key="d1">107.35</data><data key="d2">22.41</data></node>
<node id="2"><data key="d1">107.36</data><data key="d2">22.41</data></node>
<edge source="1" target="2"><data key="d3">residential</data></edge></graph></graphml>
"""
NUMBERS = (b"1e999", b"NaN", b"-1e308", b"9" * 400, b"", b"null", b"[]", b"-0", b"\xff\xfe", b"Inf")


# ---------------------------------------------------------------------- sound files


def make_sound(folder: Path) -> None:
    """One folder for each format, with a sound file that the damage is done to."""
    writers = {**VECTOR_WRITERS, **TABLE_WRITERS}
    for kind, write in writers.items():
        (home := folder / kind.replace(" ", "_")).mkdir()
        write(home, FACILITIES, FACILITY_SHAPES)
    texts = {
        "a.kml": KML.encode(),
        "a.ovkml": KML.encode(),
        "a.dxf": DXF.encode("gbk"),
        "a.txt": PARCELS.encode("gbk"),
        "a.osm": OSM.encode(),
        "a.graphml": GRAPHML.encode(),
    }
    for name, content in texts.items():
        (home := folder / name.replace(".", "_")).mkdir()
        (home / name).write_bytes(content)
    for name in ("a.kmz", "a.ovkmz"):
        (home := folder / name.replace(".", "_")).mkdir()
        with zipfile.ZipFile(home / name, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("doc.kml", KML)
    _pack_shapefile(folder)
    _make_pbf(folder)
    _make_xls(folder)


def _pack_shapefile(folder: Path) -> None:
    (home := folder / "a_zip").mkdir()
    with zipfile.ZipFile(home / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for part in sorted((folder / "shp_gbk").iterdir()):
            packed.write(part, part.name)


def _make_pbf(folder: Path) -> None:
    import osmium

    (home := folder / "a_pbf").mkdir()
    with osmium.SimpleWriter(str(home / "a.osm.pbf")) as writer:
        for entity in osmium.FileProcessor(str(folder / "a_osm" / "a.osm")):
            writer.add(entity)


def _make_xls(folder: Path) -> None:
    """By LibreOffice, as nothing else in the tests writes the old format."""
    office = shutil.which("soffice")
    if office is None:
        return
    (home := folder / "a_xls").mkdir()
    book = write_xlsx(home, FACILITIES, FACILITY_SHAPES)
    profile = f"-env:UserInstallation=file://{folder.parent}/profile"
    command = [office, "--headless", profile, "--convert-to", "xls", "--outdir", home, book]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    book.unlink()


# --------------------------------------------------------------------------- damage


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _flip(content: bytes, chance: random.Random) -> bytes:
    flipped = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _smear(content: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(content)), chance.choice((1, 4, 8, 64, 512))
    filling = chance.choice((b"\0" * size, b"\xff" * size, chance.randbytes(size)))
    return content[:at] + filling + content[at + size :]


def _splice(content: bytes, chance: random.Random) -> bytes:
    a, b, c = (chance.randrange(len(content)) for _ in range(3))
    return content[:a] + content[min(b, c) : max(b, c)] + content[a:]


def _drop(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.choice((1, 3, 30, 300)) :]


def _renumber(content: bytes, chance: random.Random) -> bytes:
    found = list(re.finditer(rb"-?\d+\.?\d*", content))
    if not found:
        return _flip(content, chance)
    spot = chance.choice(found)
    return content[: spot.start()] + chance.choice(NUMBERS) + content[spot.end() :]


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _cut,
    _flip,
    _flip,
    _smear,
    _splice,
    _drop,
    _renumber,
    _renumber,
)


def _spoil(content: bytes, chance: random.Random) -> bytes:
    """Damaged bytes; of a zip, most times a member inside a zip that is sound."""
    if not content:
        return b"\0"
    if (
        content.startswith(b"PK")
        and chance.random() < 0.7
        and zipfile.is_zipfile(io.BytesIO(content))
    ):
        return _spoil_member(content, chance)
    return chance.choice(DAMAGES)(content, chance)


def _spoil_member(content: bytes, chance: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
    except Exception:  # noqa: BLE001 - it was damaged before
        return _flip(content, chance)
    if not members:
        return content
    name = chance.choice(sorted(members))
    members[name] = chance.choice(DAMAGES)(members[name] or b"\0", chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for each, inside in members.items():
            packed.writestr(each, inside)
    return out.getvalue()


def damaged(folder: Path, number: int, into: Path) -> Path:
    """The damaged file of a number, made in ``into``, which is emptied before."""
    chance = random.Random(number)  # noqa: S311 - the same damage every time is wanted
    homes = sorted(each for each in folder.iterdir() if each.is_dir())
    home = homes[number % len(homes)]
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(home, into)
    main = next(each for each in into.iterdir() if each.suffix.lower() in (*READERS, ".zip"))
    parts = sorted(each for each in into.rglob("*") if each.is_file())
    part = chance.choice(parts)
    if part != main and chance.random() < 0.1:
        part.unlink()
    else:
        for _ in range(chance.choice((1, 1, 1, 3))):
            part.write_bytes(_spoil(part.read_bytes(), chance))
    if chance.random() < 0.05 and main.is_file():
        main = main.rename(main.with_suffix(chance.choice(sorted(READERS))))
    return main


# ----------------------------------------------------------------- files made to be wild


def wild(folder: Path) -> list[Path]:
    """Files that no damage would give: nested without end, absurdly large, odd geometry."""
    deep_json = '{"type":"GeometryCollection","geometries":[' * 3000 + "]}" * 3000
    features = {
        "nan.geojson": '{"type":"Point","coordinates":[NaN,1e999]}',
        "null.geojson": "null",
        "deep.geojson": deep_json,
        "huge.geojson": '{"type":"Point","coordinates":[1e300,-1e300]}',
        "short.geojson": '{"type":"Polygon","coordinates":[[[107,22]]]}',
        "text.geojson": '{"type":"Point","coordinates":["a",{}]}',
        "curve.geojson": '{"type":"CircularString","coordinates":[[1,1]]}',
    }
    for name, geometry in features.items():
        properties = json.dumps({"设施编号": "F1", "设施类型": "托育园"}, ensure_ascii=False)
        (folder / name).write_text(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
            f'{properties},"geometry":{geometry}}}]}}',
            encoding="utf-8",
        )
    (folder / "nested.json").write_text("[" * 200_000)
    (folder / "nested.kml").write_text("<Folder>" * 100_000)
    (folder / "closed.kml").write_text("<Folder>" * 50_000 + "</Folder>" * 50_000)
    (folder / "nested.osm").write_text("<osm>" * 100_000)
    (folder / "nested.graphml").write_text("<graph>" * 100_000)
    (folder / "laughs.kml").write_text(_laughs(KML))
    (folder / "laughs.graphml").write_text(_laughs(GRAPHML))
    (folder / "laughs.osm").write_text(_laughs(OSM))
    (folder / "points.kml").write_text(KML.replace("107.35,22.41,0", "nan,inf 1e999,2"))
    (folder / "wide.csv").write_text("设施编号," * 20_000 + "\n" + "1," * 20_000)
    (folder / "quote.csv").write_text('设施编号,设施类型\n"' + "a" * 12_000_000)
    (folder / "no.parquet").write_bytes(b"PAR1" + b"\xff" * 64 + b"PAR1")
    _bombs(folder)
    _odd_shapes(folder)
    return sorted(folder.iterdir())


def _laughs(document: str) -> str:
    """A document whose entities unfold to a hundred thousand million words."""
    body = document.partition("?>")[2]
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    swollen = body.replace("太平托育园", "&e11;").replace("residential", "&e11;")
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{entities}]>{swollen}'


def _bombs(folder: Path) -> None:
    members = {"bomb.kmz": "doc.kml", "bomb.xlsx": "xl/worksheets/sheet1.xml", "bomb.zip": "a.shp"}
    for name, member in members.items():
        with (
            zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
            packed.open(member, "w", force_zip64=True) as stream,
        ):
            for _ in range(1_100):
                stream.write(b"\0" * 1_000_000)
    lying = bytearray((folder / "bomb.kmz").read_bytes())
    at = lying.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the size that it says it unpacks to
    (folder / "lying.kmz").write_bytes(bytes(lying))


def _odd_shapes(folder: Path) -> None:
    odd = [
        shapely.GeometryCollection([shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])]),
        shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
        shapely.Point(float("nan"), float("nan")),
    ]
    for kind in ("gpkg", "fgb", "parquet"):
        (home := folder / f"odd_{kind}").mkdir()
        made = VECTOR_WRITERS[kind](home, FACILITIES, odd)
        made.rename(folder / f"odd{made.suffix}")
        home.rmdir()


# ---------------------------------------------------------------------------- reading


def read_one(path: Path) -> str:
    """Read a file as a layer; the fault when it ends as no file may, else nothing."""
    suffix = path.suffix.lower()
    layer = "roads" if suffix in STREETS else "facilities"
    file = LayerFile(layer, Path(path.name), crs=None if suffix in OWN_CRS else CRS)
    signal.alarm(MOST_SECONDS)  # kills the process, whatever library it hangs in
    try:
        reading = look_through(study(path.parent, **{layer: file}))
        said = [problem.say(language) for problem in reading.problems for language in ("zh", "en")]
        said += [remark.detail.zh for remark in reading.layers.remarks]
        assert all(said)
        assert reading.problems or getattr(reading.layers, layer) is not None
    except DataError:
        return ""
    except Exception:  # noqa: BLE001 - whatever it is, it is the fault looked for
        return traceback.format_exc()
    finally:
        signal.alarm(0)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return f"{used} bytes of memory" if used > MOST_BYTES else ""


def _tell(name: str, path: Path) -> None:
    print(name, path.name, flush=True)  # noqa: T201 - the parent reads it
    fault = read_one(path)
    if fault:
        print("FAULT", name, path.name, fault, flush=True)  # noqa: T201


def main() -> None:
    """Read the damaged files of the numbers asked for, or the wild ones."""
    folder = Path(sys.argv[1])
    if sys.argv[2] == "wild":
        (folder / "wild").mkdir(exist_ok=True)
        for path in wild(folder / "wild"):
            _tell("wild", path)
        return
    first, last = int(sys.argv[2]), int(sys.argv[3])
    into = folder / f"damaged_{first}"
    for number in range(first, last):
        _tell(str(number), damaged(folder / "sound", number, into))


if __name__ == "__main__":
    main()
