"""The text of a `.env` file, pasted by a person: variables, and what is wrong with which line."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from dotenv.parser import Binding, parse_stream

MAX_TEXT = 1024 * 1024
MAX_VARIABLES = 200
MAX_KEY = 128
MAX_VALUE = 32 * 1024  # bytes in UTF-8; Linux takes at most 128 KiB for one variable
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = {"PORT": "PORT is set by the platform: change the port in Build Settings instead."}


@dataclass(frozen=True)
class Problem:
    """`line` counts from 1; 0 is the text as a whole. `message` never repeats a value."""

    line: int
    message: str


@dataclass(frozen=True)
class Parsed:
    """The variables in their order, and the problems. Lines with a problem give no variable."""

    variables: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(text: str) -> Parsed:
    """Comments, `export`, quotes, several lines within quotes, any line ends. Nothing is substituted in values."""
    if len(text) > MAX_TEXT:
        return Parsed(problems=(Problem(0, f"The text is too long: at most {MAX_TEXT // 1024} KiB."),))
    variables: dict[str, str] = {}
    problems = []
    for binding in parse_stream(io.StringIO(text)):
        if binding.key is None and not binding.error:
            continue
        key, value = binding.key or "", binding.value or ""
        if message := _syntax(binding) or problem_of(key, value) or _repeated(key, variables):
            problems.append(Problem(_line(binding), message))
        elif len(variables) < MAX_VARIABLES:
            variables[key] = value
        else:
            problems.append(Problem(_line(binding), f"There are too many variables: at most {MAX_VARIABLES}."))
            break
    return Parsed(tuple(variables.items()), tuple(problems))


def problem_of(key: str, value: str) -> str:
    """What is wrong with one variable, in words; empty when nothing is."""
    if not KEY.fullmatch(key):
        return f"“{_shown(key)}” cannot be a key: use letters, digits and “_”, and no digit at the beginning."
    if len(key) > MAX_KEY:
        return f"The key “{_shown(key)}” is too long: at most {MAX_KEY} characters."
    if key in RESERVED:
        return RESERVED[key]
    if "\0" in value:
        return f"The value of {key} has a character in it that no environment variable can have."
    if len(value.encode(errors="surrogatepass")) > MAX_VALUE:
        return f"The value of {key} is too long: at most {MAX_VALUE // 1024} KiB."
    return ""


def _syntax(binding: Binding) -> str:
    if binding.error:
        return "This line cannot be read. Write KEY=value, and close every quote."
    if binding.value is None:
        return f"“{_shown(binding.key or '')}” has no value. Write KEY=value, or KEY= for an empty one."
    return ""


def _repeated(key: str, variables: dict[str, str]) -> str:
    return f"{key} is there twice. Keep one of the two." if key in variables else ""


def _line(binding: Binding) -> int:
    """Blank lines above a variable belong to what the parser read of it."""
    text = binding.original.string
    blank = text[: len(text) - len(text.lstrip())]
    return binding.original.line + len(re.findall(r"\r\n|\n|\r", blank))


def _shown(key: str) -> str:
    return key if len(key) <= 40 else key[:39] + "…"
