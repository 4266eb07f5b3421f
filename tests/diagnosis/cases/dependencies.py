"""Broken in what a build installs."""

import json

from tests.diagnosis.cases.case import NODE, Case, node, node_server, python, serving

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "shop"
version = "1.0"
requires-python = "<3.12"
"""
# A build backend of its own: nothing has to be fetched before pip looks at the version of Python.
BACKEND = """\
import zipfile

META = "Metadata-Version: 2.1\\nName: shop\\nVersion: 1.0\\nRequires-Python: <3.12\\n"


def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "shop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.writestr("shop-1.0.dist-info/METADATA", META)
        wheel.writestr("shop-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("shop-1.0.dist-info/RECORD", "")
    return name
"""
LOCK = json.dumps(
    {
        "name": "shop",
        "version": "1.0.0",
        "lockfileVersion": 3,
        "requires": True,
        "packages": {"": {"name": "shop", "version": "1.0.0"}},
    }
)
PACKAGE = '{"name": "shop", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}'

CASES = (
    Case(
        "requirements-in-a-folder",
        "manifest-missing",
        {"web/requirements.txt": "", "web/run.py": serving()},
        clicks=True,
    ),
    Case("requirements-misspelt", "manifest-missing", {"requirement.txt": "", "run.py": serving()}, clicks=True),
    Case(
        "package-in-a-folder",
        "manifest-missing",
        {f"app/{name}": text for name, text in node().items()},
        NODE,
        clicks=True,
    ),
    Case("version-that-is-not", "dependency-version-missing", python(requirements_txt="six==99.1\n")),
    Case(
        "package-version-that-is-not",
        "dependency-version-missing",
        node(package=PACKAGE.replace("1.3.0", "99.0.0")),
        NODE,
    ),
    Case(
        "lock-file-of-before",
        "lock-file-outdated",
        {"package.json": PACKAGE, "package-lock.json": LOCK, "server.js": node_server()},
        {**NODE, "build_command": "npm ci"},
        clicks=True,
    ),
    Case("no-lock-file", "lock-file-outdated", node(), {**NODE, "build_command": "npm ci"}, clicks=True),
    Case(
        "python-too-new",
        "wrong-language-version",
        {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "run.py": serving()},
        {"build_command": "pip install --no-build-isolation ."},
        clicks=True,
    ),
)
