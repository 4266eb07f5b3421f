"""Causes in how a program is started: its command, its modules, its variables, its rights."""

from __future__ import annotations

import re

from releases.diagnosis.catalogue.build import NOT_FOUND, NOT_FOUND_CODE
from releases.diagnosis.catalogue.variables import missing_variable
from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.commands import nearest_command, with_word
from releases.diagnosis.facts import Facts
from releases.diagnosis.places import inside, near_files, only_program
from releases.diagnosis.shortcut import EDIT_BUILD, EDIT_START, NEWEST, Shortcut, deploy

NO_PROGRAM = re.compile(r"has no program (?P<name>[^\s,]+)")
TINI = re.compile(r"\[FATAL tini .*\] exec (?P<name>\S+) failed: No such file or directory")
NO_FILE = (
    re.compile(r"can't open file '(?P<path>[^']+)': \[Errno 2\]"),
    re.compile(r"Cannot find module '(?P<path>/[^']+)'"),
    re.compile(r"(?:ba|da|a)?sh: (?:\d+: )?(?:cannot open|Can't open) (?P<path>[^\s:]+)"),
    re.compile(r"Could not open input file: (?P<path>\S+)"),
    re.compile(r"Unable to access jarfile (?P<path>\S+)"),
)
NO_SCRIPT = re.compile(r"Missing script: \"(?P<script>[^\"]+)\"")
MODULE = (
    re.compile(r"ModuleNotFoundError: No module named '(?P<name>[^']+)'"),
    re.compile(r"ImportError: No module named '?(?P<name>[\w.]+)"),
    re.compile(r"Cannot find module '(?P<name>[^'./][^']*)'"),
    re.compile(r"Cannot find package '(?P<name>[^']+)' imported from"),
    re.compile(r"^\S*python[\d.]*: No module named '?(?P<name>[\w.]+)"),
    re.compile(r"cannot load such file -- (?P<name>\S+)"),
)
# Packages that are not called like the module that they bring.
PACKAGES = {
    "bs4": "beautifulsoup4", "cv2": "opencv-python", "dateutil": "python-dateutil", "dotenv": "python-dotenv",
    "jwt": "PyJWT", "MySQLdb": "mysqlclient", "PIL": "Pillow", "psycopg2": "psycopg2-binary", "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}  # fmt: skip
FILE_DENIED = (
    re.compile(r"PermissionError: \[Errno 13\] Permission denied: '(?P<path>[^']+)'"),
    re.compile(r"EACCES: permission denied, \w+ '(?P<path>[^']+)'"),
    re.compile(r"sh: (?:\d+: )?(?P<path>[^\s:]+): Permission denied"),
    re.compile(r"exec (?P<path>\S+) failed: Permission denied"),
)
PORT_DENIED = (
    re.compile(r"listen EACCES: permission denied (?:\S*:)?(?P<port>\d+)"),
    re.compile(r"bind\(\) to \S*:(?P<port>\d+) failed \(13: Permission denied\)"),
    re.compile(r"PermissionError: \[Errno 13\] Permission denied(?!:)"),
)
IN_USE = re.compile(r"EADDRINUSE|[Aa]ddress already in use|Address in use")
FREE_PORT = "8080"
LOWEST_FREE = 1024  # ports below need a right that programs of other users than root do not have


@cause(
    "start-command-not-found",
    "The program of the Start Command does not exist",
    looks_at="Exit code 127, and what the shell, npm or the engine says about the name.",
    offers="Deploys with the command of the nearest name.",
)
def command_not_found(facts: Facts) -> Finding | None:
    if said := NO_PROGRAM.search(facts.failure.reason):
        sentence = f"The image has no program “{said['name']}”, which the start needs."
        return high(sentence, *facts.said, shortcuts=(EDIT_START, NEWEST))
    hit = facts.search(*NOT_FOUND, TINI, lines=facts.console) if _ended(facts) else None
    if hit is None:
        return None
    if script := hit["script"]:
        return high(
            f"package.json has no script “{script}”.", hit.line, shortcuts=(*_program(facts), EDIT_START, NEWEST)
        )
    name = hit["name"]
    sentence = f"The Start Command runs “{name}”, which does not exist in the image."
    sure = high if facts.exit_code == NOT_FOUND_CODE else medium
    return sure(sentence, hit.line, shortcuts=(*_better(facts, name), EDIT_START, NEWEST))


def _ended(facts: Facts) -> bool:
    return facts.ended is not None and facts.exit_code != 0


def _better(facts: Facts, name: str) -> tuple[Shortcut, ...]:
    command, near = facts.settings.start_command, nearest_command(name)
    changed = with_word(command, name, near) if near else command
    return (deploy(f"Use “{changed}”", start_command=changed),) if changed != command else ()


def _program(facts: Facts) -> tuple[Shortcut, ...]:
    """In place of a script that package.json does not have."""
    for name in ("server.js", "index.js", "app.js", "main.js"):
        if inside(facts, name) in facts.files:
            return (deploy(f"Use “node {name}”", start_command=f"node {name}"),)
    return ()


@cause(
    "start-file-missing",
    "The file that the Start Command runs is not there",
    looks_at="What Python, NodeJS and others say about the file, and the files of the commit.",
    offers="Deploys with the file of the nearest name, or the only one there is.",
)
def file_missing(facts: Facts) -> Finding | None:
    hit = facts.search(*NO_FILE, lines=facts.console) if _ended(facts) else None
    path = hit["path"].removeprefix("/app/").removeprefix("./") if hit else ""
    command = facts.settings.start_command
    if hit is None or path.removesuffix(".js") not in command or inside(facts, path) in facts.files:
        return None
    named = path if path in command else path.removesuffix(".js")
    ending = "." + path.rpartition(".")[2] if "." in path else ".js"
    others = near_files(facts, path)[:2] or tuple(filter(None, [only_program(facts, ending)]))
    offers = [_run_instead(command, named, other) for other in others]
    sentence = f"The Start Command runs {path}, which is not there."
    return high(sentence, hit.line, shortcuts=(*offers, EDIT_START, NEWEST))


def _run_instead(command: str, old: str, new: str) -> Shortcut:
    changed = with_word(command, old, new)
    return deploy(f"Use “{changed}”", start_command=changed)


@cause(
    "missing-module",
    "A module is not installed",
    looks_at="ModuleNotFoundError, “Cannot find module” and their like in what the program printed.",
    offers="Deploys with a Build Command that installs the list of packages, where there is one and none is installed.",
)
def missing_module(facts: Facts) -> Finding | None:
    hit = facts.search(*MODULE) if facts.is_building or _ended(facts) else None
    if hit is None:
        return None
    module = hit["name"]
    own = module.partition(".")[0]
    if any(inside(facts, path) in facts.files for path in (f"{own}.py", f"{own}/__init__.py", f"{own}.js")):
        sentence = f"The module “{module}” is in the repository, but not found from where the program starts."
        return medium(sentence, hit.line, shortcuts=(EDIT_START, NEWEST))
    package = PACKAGES.get(own, own)
    also = f" Its package is called {package}." if package != own else ""
    install = _install(facts)
    why = "the Build Command does not install the list of packages" if install else "the list of packages lacks it"
    sentence = f"The module “{module}” is not installed: {why}.{also}"
    return high(sentence, hit.line, shortcuts=(*install, NEWEST, EDIT_BUILD))


def _install(facts: Facts) -> tuple[Shortcut, ...]:
    if facts.settings.build_command or not facts.settings.version:
        return ()
    commands = {"requirements.txt": "pip install -r requirements.txt", "package.json": "npm install"}
    return tuple(
        deploy(f"Build with “{command}”", build_command=command)
        for name, command in commands.items()
        if inside(facts, name) in facts.files
    )


@cause(
    "permission-denied",
    "The program may not open a file or a port",
    looks_at="Exit code 126, EACCES and “Permission denied” in what the program printed.",
    offers="Deploys with a port that needs no special right, or with the script run by a shell.",
)
def permission_denied(facts: Facts) -> Finding | None:
    if not _ended(facts):
        return None
    if hit := facts.search(*FILE_DENIED, lines=facts.console):
        sentence = f"The program may not use {hit['path']}: permission denied."
        return high(sentence, hit.line, shortcuts=(*_by_shell(facts, hit["path"]), NEWEST, EDIT_START))
    if hit := facts.search(*PORT_DENIED, lines=facts.console):
        port = hit["port"] or str(facts.settings.port)
        if int(port) >= LOWEST_FREE:
            return None
        sentence = f"The program may not listen on port {port}: ports below {LOWEST_FREE} are for root only."
        return high(sentence, hit.line, shortcuts=(deploy(f"Use port {FREE_PORT}", port=FREE_PORT), NEWEST))
    return None


def _by_shell(facts: Facts, path: str) -> tuple[Shortcut, ...]:
    command = facts.settings.start_command
    changed = with_word(command, path, f"sh {path}") if path.endswith(".sh") else command
    return (deploy(f"Use “{changed}”", start_command=changed),) if changed != command else ()


@cause(
    "address-in-use",
    "Two programs of the instance want the same port",
    looks_at="EADDRINUSE and “Address already in use” in what the program printed.",
    offers="Opens the Start Command.",
)
def address_in_use(facts: Facts) -> Finding | None:
    hit = facts.search(IN_USE, lines=facts.console) if _ended(facts) else None
    if hit is None:
        return None
    sentence = "The program found its port in use: another program of the same instance listens there already."
    return high(sentence, hit.line, shortcuts=(EDIT_START, NEWEST))


@cause(
    "exits-at-once",
    "The program ends by itself, without an error",
    looks_at="Exit code 0 before the instance answered.",
    offers="Deploys without the & that puts the program into the background; opens the Start Command.",
)
def exits_at_once(facts: Facts) -> Finding | None:
    if facts.ended is None or facts.exit_code != 0 or not facts.is_starting:
        return None
    command = facts.settings.start_command
    front = command.rstrip().removesuffix("&").rstrip()
    offers = (deploy(f"Use “{front}”", start_command=front),) if front != command.rstrip() else ()
    sentence = (
        "The program ended by itself with exit code 0. A service has to go on running and listen on its port; "
        "one that does its work and ends is a job."
    )
    return high(sentence, *facts.console[-3:], *facts.said, shortcuts=(*offers, EDIT_START, NEWEST))


CAUSES: tuple[Cause, ...] = (
    command_not_found,
    file_missing,
    missing_module,
    missing_variable,
    permission_denied,
    address_in_use,
    exits_at_once,
)
