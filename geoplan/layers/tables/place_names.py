"""Names of places as people write them, brought to one spelling.

Belongs here: spellings of administrative names. Does not belong here: which place a name means.
"""

from __future__ import annotations

import re
import unicodedata

from geoplan.layers.tables.invisible import without_invisible

_UPPER = re.compile(
    r"^(?:\S{2,8}?(?:省|自治区))?(?:\S{2,8}?(?:市|自治州|地区))?(?:\S{1,8}?(?:自治县|县|市|区|旗))?"
    r"(?=\S{2,}(?:街道|镇|乡)$)"
)
_OFFICE = re.compile(r"街道(?:办事处|办|办公室)$")
_COMMITTEE = re.compile(r"(社区|村)(?:居民委员会|村民委员会|居委会|村委会|委员会)$")
_BARE_COMMITTEE = re.compile(r"(居民委员会|居委会|村民委员会|村委会)$")


def normal_name(text: str) -> str:
    """One spelling for the names of a 街道, 镇, 乡, 社区 or 村.

    Width, spaces, the names of province, city and county before it and the words for its office
    do not matter.

    Examples
    --------
    >>> [normal_name(name) for name in ("太平街道办事处", "太平街道办", "江州区 太平街道", "太平街")]
    ['太平街道', '太平街道', '太平街道', '太平街道']
    >>> normal_name("沿山社区居委会"), normal_name("太平镇")
    ('沿山社区', '太平镇')
    """
    name = re.sub(r"\s+", "", unicodedata.normalize("NFKC", without_invisible(text)))
    name = _OFFICE.sub("街道", name)
    name = _COMMITTEE.sub(r"\1", name)
    name = _BARE_COMMITTEE.sub(lambda found: "村" if "村" in found[0] else "社区", name)
    if re.search(r"\S{2}街$", name):
        name += "道"
    return _UPPER.sub("", name)
