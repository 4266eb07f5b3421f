"""How Debian's packages become an image that behaves like the official one."""

from __future__ import annotations

from services.languages.types import Recipe

CERTIFICATES = "ca-certificates"
COMPILER = ("build-essential", "pkg-config")
PHP_EXTENSIONS = ("bcmath", "curl", "intl", "mbstring", "mysql", "pgsql", "sqlite3", "xml", "zip")


def python(suite: str) -> Recipe:
    """Debian's pip refuses to install next to Debian's own packages; in an image of its own that is what it is for."""
    packages = ("python3", "python3-pip", "python3-venv", "python-is-python3", CERTIFICATES)
    return Recipe(suite, packages, ("rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",), {"LANG": "C.UTF-8"})


def nodejs(suite: str) -> Recipe:
    return Recipe(suite, ("nodejs", "npm", CERTIFICATES), ("mkdir -p /usr/local/lib/node_modules",))


def go(suite: str) -> Recipe:
    """The official image's GOPATH; Debian's go may fetch a newer toolchain only when a module asks for it."""
    paths = "/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    packages = ("golang-go", "gcc", "libc6-dev", "git", CERTIFICATES)
    return Recipe(suite, packages, ("mkdir -p /go/bin /go/src",), {"GOPATH": "/go", "PATH": paths})


def java(suite: str, version: int) -> Recipe:
    """Maven alone would bring Debian's default Java with it; naming the version's runtime too prevents that."""
    packages = (f"openjdk-{version}-jdk-headless", f"openjdk-{version}-jre-headless", "maven", CERTIFICATES)
    return Recipe(suite, packages, environment={"LANG": "C.UTF-8"})


def php(suite: str) -> Recipe:
    extensions = (f"php-{name}" for name in PHP_EXTENSIONS)
    return Recipe(suite, ("php-cli", *extensions, "composer", "unzip", "git", CERTIFICATES))


def ruby(suite: str) -> Recipe:
    packages = ("ruby", "ruby-dev", "bundler", *COMPILER, "libyaml-dev", "git", CERTIFICATES)
    return Recipe(suite, packages, environment={"LANG": "C.UTF-8"})


def rust(suite: str) -> Recipe:
    return Recipe(suite, ("rustc", "cargo", *COMPILER, "git", CERTIFICATES))


def elixir(suite: str) -> Recipe:
    libraries = ("erlang-dev", "erlang-ssl", "erlang-xmerl", "erlang-eunit")
    return Recipe(suite, ("elixir", *libraries, "rebar3", "git", CERTIFICATES), environment={"LANG": "C.UTF-8"})


def nginx(suite: str) -> Recipe:
    return Recipe(suite, ("nginx", CERTIFICATES))
