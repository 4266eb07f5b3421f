"""Lucide's drawings, out of the archive in its package."""

from __future__ import annotations

import xml.etree.ElementTree as xml  # noqa: S405 - the files are those of the package
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

NAMESPACE = "{http://www.w3.org/2000/svg}"  # not needed inside HTML


def draw(name: str, attributes: Mapping[str, str]) -> str:
    """The drawing as markup, with these attributes of its `svg`. Raises KeyError when there is none of that name."""
    svg = xml.fromstring(_archive().read(f"{name}.svg"))  # noqa: S314 - as above
    for node in svg.iter():
        node.tag = node.tag.removeprefix(NAMESPACE)
    svg.attrib.update(attributes)
    return xml.tostring(svg, encoding="unicode")


@cache
def _archive() -> ZipFile:
    """Opened once: its table of contents takes 20 ms, which the package spends on every drawing."""
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
