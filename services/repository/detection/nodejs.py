"""NodeJS: a server with a start script or an entry file, or pages that are built once and then only served."""

from __future__ import annotations

import json
from typing import Any

from services.repository.detection.types import Commands, Proposal, first, port_in
from services.repository.files import Files

ENTRIES = ("server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs", "server.cjs", "index.cjs")
# Official images have Yarn up to NodeJS 24 only; where it is there, npm replaces it by force alone.
YARN = "npm install -g --force yarn@1 && yarn install --frozen-lockfile"
PAGE_BUILDERS = ("vite", "react-scripts", "@vue/cli-service", "astro", "parcel", "@11ty/eleventy", "gatsby")
USUAL_PORTS = {
    "next": "3000",
    "nuxt": "3000",
    "express": "3000",
    "fastify": "3000",
    "koa": "3000",
    "@nestjs/core": "3000",
}


def package(files: Files) -> dict[str, Any]:
    """package.json as far as it can be read."""
    try:
        found = json.loads(files.text("package.json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def section(files: Files, name: str) -> dict[str, str]:
    """One of package.json's tables, without what is not text."""
    found = package(files).get(name)
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


def applies(files: Files) -> str:
    return first(files, "package.json")


def only_pages(files: Files) -> str:
    """The tool that builds pages, where the package has no server of its own; else empty."""
    scripts, used = section(files, "scripts"), section(files, "dependencies") | section(files, "devDependencies")
    if "start" in scripts and "react-scripts" not in scripts["start"]:
        return ""
    if "build" not in scripts or first(files, "server.js", "index.js"):
        return ""
    return next((name for name in PAGE_BUILDERS if name in used), "")


def commands(files: Files) -> Commands:
    return Commands(_build(files), _start(files), _port(files))


def _build(files: Files) -> Proposal:
    install, reason = _install(files)
    if "build" in section(files, "scripts"):
        run = "yarn build" if " yarn install" in install else "npm run build"
        return Proposal(f"{install} && {run}", f"{reason}; package.json has a build script.")
    return Proposal(install, f"{reason}.")


def _install(files: Files) -> tuple[str, str]:
    if files.has("package-lock.json", "npm-shrinkwrap.json"):
        return "npm ci", "The packages are locked in package-lock.json"
    if files.has("pnpm-lock.yaml"):
        return "npm install -g pnpm && pnpm install --frozen-lockfile", "The packages are locked in pnpm-lock.yaml"
    if files.has("yarn.lock"):
        return YARN, "The packages are locked in yarn.lock"
    return "npm install", "The packages are listed in package.json"


def _start(files: Files) -> Proposal | None:
    if "start" in section(files, "scripts"):
        return Proposal("npm start", "package.json has a start script.")
    entry = _entry(files)
    return Proposal(f"node {entry}", f"{entry} looks like the program.") if entry else None


def _entry(files: Files) -> str:
    main = package(files).get("main")
    named = main.removeprefix("./") if isinstance(main, str) and main.isprintable() and " " not in main else ""
    return first(files, named, *ENTRIES)


def _port(files: Files) -> Proposal:
    used = section(files, "dependencies")
    name = next((name for name in USUAL_PORTS if name in used), "")
    named = port_in(files, _entry(files))
    return named or Proposal(USUAL_PORTS.get(name, "3000"), f"The usual port of {name or 'NodeJS applications'}.")
