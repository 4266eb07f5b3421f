"""What a repository's own Dockerfile may not ask for, and what it may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.dockerfile.guard import judge, judge_triggers
from releases.dockerfile.refused import Refused

SECRET_IMAGE = "kh-1a2b3c4d-0123456789abcdef0123456789abcdef:7"
DIGEST = "sha256:" + "0" * 64

# The text, the line that is shown, and a part of the reason.
ATTACKS = [
    ("FROM c1", 1, "beginning of an image's id"),
    ("from c1", 1, "beginning of an image's id"),
    ("FROM c1 AS x", 1, "beginning of an image's id"),
    ("FROM 12", 1, "beginning of an image's id"),
    ("FROM " + "a" * 64, 1, "beginning of an image's id"),
    ("FROM " + DIGEST, 1, "by its public name, not by an id"),
    ("FROM sha256:c1", 1, "by its public name, not by an id"),
    ("FROM " + SECRET_IMAGE, 1, "the platform's own"),
    ("FROM docker.io/library/" + SECRET_IMAGE, 1, "the platform's own"),
    ("FROM index.docker.io/" + SECRET_IMAGE, 1, "the platform's own"),
    ("FROM library/" + SECRET_IMAGE, 1, "the platform's own"),
    ("FROM kh-1a2b3c4d-cache:0123456789abcdef", 1, "the platform's own"),
    ("FROM localhost:5000/x", 1, "own machine"),
    ("FROM 127.0.0.1:5000/x", 1, "own machine"),
    ("FROM [::1]:5000/x", 1, "own machine"),
    ("FROM 169.254.169.254/x", 1, "own machine"),
    ('FROM "c1"', 1, "not written plainly"),
    ("FROM c\\1", 1, "not written plainly"),
    ("FROM PYTHON:3.13", 1, "not the name of a public image"),
    ("ARG X=c1\nFROM ${X}", 2, "beginning of an image's id"),
    ("ARG X=c1\nFROM $X", 2, "beginning of an image's id"),
    ("ARG X=c\nFROM ${X}1", 2, "beginning of an image's id"),
    ('ARG X="c1"\nFROM $X', 2, "beginning of an image's id"),
    ("ARG X='c1'\nFROM $X", 2, "beginning of an image's id"),
    ("ARG A=c\nARG B=${A}1\nFROM $B", 3, "beginning of an image's id"),
    ("ARG A=python B=c1\nFROM $B", 2, "beginning of an image's id"),
    ('ARG B=python\nARG A="x" B=c1\nFROM $B', 3, "beginning of an image's id"),
    ('ARG A=x\\" B=c1\nFROM $B', 1, "not written plainly"),
    ("FROM ${X:-c1}", 1, "beginning of an image's id"),
    ("ARG X=1\nFROM ${X:+c1}", 2, "beginning of an image's id"),
    ("ARG X=python\nFROM ${X%thon}", 2, "not written plainly"),
    ("FROM $X", 1, "has no value"),
    ("ARG X\nFROM python:$X", 2, "has no value"),
    ("FROM python:3.13\nCOPY --from=c1 / /x", 2, "beginning of an image's id"),
    ("FROM python:3.13\nCOPY --chown=1 --from=c1 / /x", 2, "beginning of an image's id"),
    ("FROM python:3.13\nCOPY --from=0 / /x", 2, "beginning of an image's id"),
    ("FROM python:3.13\nCOPY --from=1 / /x", 2, "beginning of an image's id"),
    ("FROM python:3.13\nCOPY --from=" + SECRET_IMAGE + " / /x", 2, "the platform's own"),
    ("FROM python:3.13\nARG X=c1\nCOPY --from=$X / /x", 3, "not the name of a public image"),
    ('FROM python:3.13\nCOPY --from="c1" / /x', 2, "Write its options plainly"),
    ("FROM python:3.13\nCOPY --fr\\om=c1 / /x", 2, "Write its options plainly"),
    ("FROM python:3.13\nCOPY \\\n  --from=c1 / /x", 2, "beginning of an image's id"),
    ("FROM python:3.13\nCOPY \\\n# a comment\n\n  --from=c1 / /x", 2, "beginning of an image's id"),
    ("# escape=`\nFROM python:3.13\nCOPY `\n --from=c1 / /x", 3, "beginning of an image's id"),
    ("# escape=`\nFROM python:3.13\nRUN echo \\\nCOPY --from=c1 / /x", 4, "beginning of an image's id"),
    ("\n# escape=`\nFROM python:3.13", 2, "stands on the first line"),
    ("# x=y\n# escape=`\nFROM python:3.13", 2, "stands on the first line"),
    ("FROM python:3.13\nRUN echo \\\\\nFROM c1", 2, "in different ways"),
    ("FROM python:3.13\nRUN --mount=type=bind,from=c1,target=/x cat /x/y", 2, "Mounts need a builder"),
    ("FROM python:3.13\nRUN --mount=type=cache,target=/x true", 2, "Mounts need a builder"),
    ("FROM python:3.13\nRUN --network=host true", 2, "chooses no network"),
    ("FROM python:3.13\nRUN --security=insecure true", 2, "no further rights"),
    ("FROM python:3.13\nADD http://127.0.0.1:8000/ /x", 2, "from inside the platform"),
    ("FROM python:3.13\nADD HTTPS://127.0.0.1:8000/ /x", 2, "from inside the platform"),
    ("FROM python:3.13\nADD a http://127.0.0.1/ /x", 2, "from inside the platform"),
    ("FROM python:3.13\nADD --chown=1 http://127.0.0.1/ /x", 2, "from inside the platform"),
    ('FROM python:3.13\nADD ["http://127.0.0.1/", "/x"]', 2, "from inside the platform"),
    ('FROM python:3.13\nADD ["http://127.0.0.1/", "/x"] #', 2, "must be written plainly"),
    ('FROM python:3.13\nADD "http"://127.0.0.1/ /x', 2, "must be written plainly"),
    ("FROM python:3.13\nADD h\\ttp://127.0.0.1/ /x", 2, "must be written plainly"),
    ("FROM python:3.13\nENV X=http://127.0.0.1/\nADD $X /x", 3, "must be written plainly"),
    ("FROM python:3.13\nADD git@example.com:a.git /x", 2, "from inside the platform"),
    ("FROM python:3.13\nONBUILD COPY --from=c1 / /x", 2, "beginning of an image's id"),
    ("FROM python:3.13\nONBUILD ADD http://127.0.0.1/ /x", 2, "from inside the platform"),
    ("FROM python:3.13\nONBUILD ONBUILD ADD http://127.0.0.1/ /x", 2, "cannot hold ONBUILD"),
    ("FROM python:3.13\nONBUILD FROM c1", 2, "cannot hold FROM"),
    ("# syntax=evil/frontend\nFROM python:3.13", 1, "Only Docker's own syntax"),
    ("FROM python:3.13\nRUN cat <<EOF\nhello\nEOF", 2, "Here-documents"),
    ("FROM python:3.13\nFROM\xa0c1", 2, "no instruction"),
    ("FROM python:3.13\nRUN a \\\n\x1c# b\nFROM c1", 3, "not text"),
    ("FROM python:3.13\nADD\u2028x /x", 2, "no instruction"),
    ("FROM python:3.13\nMOUNT x", 2, "no instruction"),
    ("FROM python:3.13 c1", 1, "It must read"),
]


@pytest.mark.parametrize(("text", "line", "why"), ATTACKS)
def test_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(Refused, match=r"^Line \d+ of the Dockerfile is not allowed: “") as caught:
        judge(text)
    assert caught.value.line == line
    assert why in str(caught.value)
    assert caught.value.code == "dockerfile-refused"


@pytest.mark.parametrize("prefix", ["", "\ufeff", "# syntax=docker/dockerfile:1\n", "# a comment\n\n", "ARG Q=1\n"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_refused_wherever_it_stands(prefix: str, ending: str) -> None:
    with pytest.raises(Refused, match="FROM c1"):
        judge((prefix + "FROM python:3.13\nRUN true\n  FROM c1").replace("\n", ending))


LEGITIMATE = {
    "FROM python:3.13\nCOPY . .\nCMD python app.py": {"python:3.13"},
    "from node:22-slim as build\nRUN npm ci\nFROM nginx\nCOPY --from=build /app/dist /site": {"node:22-slim", "nginx"},
    "FROM golang:1.22 AS Build\nFROM build AS test\nFROM scratch\nCOPY --from=0 /a /a\nCOPY --from=BUILD /b /b": {
        "golang:1.22"
    },
    "ARG PYTHON=3.13\nFROM python:${PYTHON}-slim\nARG PYTHON\nRUN echo $PYTHON": {"python:3.13-slim"},
    "ARG REGISTRY\nFROM ${REGISTRY:-docker.io}/library/python": {"docker.io/library/python"},
    f"FROM python:3.13@{DIGEST}": {f"python:3.13@{DIGEST}"},
    "FROM ghcr.io/team/web_base:v1.2": {"ghcr.io/team/web_base:v1.2"},
    "FROM registry.example.com:5000/a/b": {"registry.example.com:5000/a/b"},
    "FROM docker.io/library/ada": {"docker.io/library/ada"},
    "FROM --platform=$BUILDPLATFORM golang": {"golang"},
    "FROM python\nCOPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/": {"python", "ghcr.io/astral-sh/uv:0.5"},
    "FROM python\nCOPY --chown=$USER:$USER $SRC /x\nADD data.tar.gz *.txt /x/": {"python"},
    "FROM python\nRUN apt-get update \\\n  # tools\n  && apt-get install -y curl \\\n\n  && curl http://example.com": {
        "python"
    },
    "FROM python\nRUN echo $((1<<2)) && python -c 'print(1 << 3)'": {"python"},
    'FROM python\nHEALTHCHECK --interval=5s CMD true\nSHELL ["bash", "-c"]\nONBUILD COPY . .': {"python"},
    "# escape=`\nFROM python\nRUN a `\n b\n": {"python"},
    "# escape=\\\nFROM python": {"python"},
}


@pytest.mark.parametrize(("text", "images"), LEGITIMATE.items())
def test_allowed(text: str, images: set[str]) -> None:
    assert set(judge(text).images) == images


def test_the_platforms_arguments_count() -> None:
    with pytest.raises(Refused, match="id"):
        judge("ARG http_proxy=python\nFROM $http_proxy", {"http_proxy": "c1"})


def test_a_long_line_is_shown_shortened() -> None:
    with pytest.raises(Refused) as caught:
        judge("FROM python\nRUN --network=host " + "x" * 500)
    assert len(caught.value.shown) == 121


@pytest.mark.parametrize(
    "trigger", ["COPY --from=c1 / /x", "ADD http://127.0.0.1/ /x", "run --mount=type=bind,from=c1 true", "X\nFROM c1"]
)
def test_a_base_image_brings_nothing_that_is_refused(trigger: str) -> None:
    named = judge("FROM python:3.13").images["python:3.13"]
    with pytest.raises(Refused, match="That image adds") as caught:
        judge_triggers([trigger], named)
    assert (caught.value.line, caught.value.shown) == (1, "FROM python:3.13")


def test_harmless_triggers_pass() -> None:
    judge_triggers(["COPY . /app", "RUN npm ci"], judge("FROM node").images["node"])


SPACE = st.sampled_from([" ", "  ", "\t", " \\\n", " \\\n# c\n  ", "\\\n\n ", "\\  \n "])
CASED = st.sampled_from(["FROM", "from", "FrOm"])


@given(CASED, SPACE, st.from_regex(r"[0-9a-f]{1,64}", fullmatch=True), st.sampled_from(["", " AS x", "\t as X"]))
def test_no_spelling_of_an_id_passes(keyword: str, space: str, image: str, stage: str) -> None:
    with pytest.raises(Refused):
        judge(f"FROM python AS first\nRUN true\n{keyword}{space}{image}{stage}\n")


@given(st.text(alphabet="c1$X{}:-+'\"\\`", min_size=1, max_size=12))
def test_no_expression_reaches_an_id(expression: str) -> None:
    """Whatever is let through is a public name, never hexadecimal alone."""
    try:
        found = judge(f"ARG X=c1\nFROM {expression}").images
    except Refused:
        return
    assert all(set(name) - set("0123456789abcdef") for name in found)


PIECES = st.sampled_from(
    [
        "FROM python",
        "FROM a",
        "AS a",
        "RUN x",
        "COPY",
        "--from=a",
        "ADD",
        "x",
        "/y",
        "\\",
        "\n",
        "\n",
        " ",
        "#",
        "`",
        "$A",
    ]
)


@given(st.lists(PIECES, max_size=25))
def test_any_text_is_judged_or_refused(pieces: list[str]) -> None:
    try:
        judged = judge(" ".join(pieces))
    except Refused as refused:
        assert 1 <= refused.line <= "".join(pieces).count("\n") + 1
    else:
        assert all(one.keyword and one.line >= 1 for one in judged.instructions)
