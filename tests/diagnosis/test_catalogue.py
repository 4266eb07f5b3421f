# ruff: noqa: E501 - outputs are recorded as they came
"""Each cause with facts that tell of it, and with facts that come near and must not surely be taken for it.

Outputs are recorded ones, shortened: of pip 25, npm 11, Python 3.13, NodeJS 24, Docker 20.10 and Debian's shells.
"""

from __future__ import annotations

import pytest

from releases.diagnosis.catalogue import CATALOGUE
from releases.diagnosis.cause import Confidence
from releases.diagnosis.facts import Facts, Kind
from releases.diagnosis.judge import judge
from releases.engine.base import Capacity, Listener
from releases.models import Stage
from services.repository.errors import Cause as Said
from tests.diagnosis.facts import (
    ANYWHERE,
    IPV4,
    IPV6,
    UNIX,
    answers,
    built,
    ended,
    repository,
    said,
    seen,
    silent,
)

HIGH, MEDIUM, GUESS = Confidence.HIGH, Confidence.MEDIUM, Confidence.GUESS

PYTHON_KEY = """
Traceback (most recent call last):
  File "/app/run.py", line 3, in <module>
    url = os.environ["DATABASE_URL"]
          ~~~~~~~~~~^^^^^^^^^^^^^^^^
  File "<frozen os>", line 717, in __getitem__
KeyError: 'DATABASE_URL'
"""
PYTHON_NAME = """
Traceback (most recent call last):
  File "/app/run.py", line 7, in <module>
    serve(prot)
          ^^^^
NameError: name 'prot' is not defined. Did you mean: 'port'?
"""
NODE_TYPE = """
/app/server.js:4
  settings.port.toFixed()
                ^

TypeError: Cannot read properties of undefined (reading 'toFixed')
    at Object.<anonymous> (/app/server.js:4:17)
    at Module._compile (node:internal/modules/cjs/loader:1761:14)

Node.js v24.4.1
"""
NODE_MODULE = """
node:internal/modules/cjs/loader:1404
  throw err;
  ^

Error: Cannot find module 'express'
Require stack:
- /app/server.js
    at Function._resolveFilename (node:internal/modules/cjs/loader:1401:15)
  code: 'MODULE_NOT_FOUND',
"""
POSTGRES = """
psycopg.OperationalError: connection failed: connection to server at "172.30.0.9", port 5432 failed: Connection refused
"""
NODE_REFUSED = """
Error: connect ECONNREFUSED 127.0.0.1:6379
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)
"""
NODE_DNS = "Error: getaddrinfo ENOTFOUND postgress"
NPM_CI = """
npm error code EUSAGE
npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.
"""
PIP_NONE = """
ERROR: Could not find a version that satisfies the requirement flask==99.1 (from versions: 3.0.0, 3.1.0, 3.1.2)
ERROR: No matching distribution found for flask==99.1
"""
PIP_OFFLINE = """
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError: Failed to establish a new connection'
ERROR: Could not find a version that satisfies the requirement flask (from versions: none)
ERROR: No matching distribution found for flask
"""

NODE_UNDEFINED = """
/app/server.js:2
const hosts = process.env.CACHE_HOSTS.split(",");
                                      ^

TypeError: Cannot read properties of undefined (reading 'split')
    at Object.<anonymous> (/app/server.js:2:39)
"""
PYTHON_NONE = """
Traceback (most recent call last):
  File "/app/run.py", line 2, in <module>
    hosts = os.getenv("CACHE_HOSTS").split(",")
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
AttributeError: 'NoneType' object has no attribute 'split'
"""

MATCHES: list[tuple[str, Confidence, Facts]] = [
    ("branch-missing", HIGH, repository("The repository has no branch “mian”.", Said.BRANCH, "branch", ("main",))),
    ("subfolder-missing", HIGH, repository("There is no folder “wbe”.", Said.NOT_FOUND, "subfolder", ("web",))),
    ("dockerfile-missing", HIGH, repository("There is no file “Dockerfile”.", Said.NOT_FOUND, "dockerfile")),
    ("repository-not-found", HIGH, repository("There is no repository at this address.", Said.NOT_FOUND)),
    ("authentication-refused", HIGH, repository("example.com did not accept the token.", Said.REFUSED, "token")),
    ("host-not-resolvable", HIGH, repository("The host name git.invalid does not exist.", Said.HOST)),
    ("repository-too-large", HIGH, repository("The repository is too large.", Said.TOO_LARGE)),
    ("repository-too-large", HIGH, repository("The transfer was too slow.", Said.TOO_SLOW)),
    ("repository-empty", HIGH, repository("The repository is empty.", Said.EMPTY)),
    ("repository-other", MEDIUM, repository("“Dockerfile” is a link, not a file.", Said.INVALID, "dockerfile")),
    ("base-image-missing", HIGH, said("The base image python:3.99 cannot be had: not found.", stage=Stage.BUILD)),
    (
        "base-image-missing",
        HIGH,
        built("", None, "pull access denied for acme/base, repository does not exist", "FROM acme/base"),
    ),
    ("dockerfile-invalid", HIGH, built("", None, "dockerfile parse error line 2: unknown instruction: RUNN")),
    (
        "dockerfile-invalid",
        HIGH,
        said(
            "Line 3 of the Dockerfile is not allowed: “COPPY . .”. There is no instruction “COPPY”.",
            stage=Stage.BUILD,
            code="dockerfile-refused",
        ),
    ),
    (
        "dockerfile-copy-missing",
        HIGH,
        built("", None, "COPY failed: file not found in build context or excluded by .dockerignore: stat go.sum: file does not exist"),
    ),
    ("dockerfile-refused", HIGH, said("Line 3 is not allowed.", stage=Stage.BUILD, code="dockerfile-refused")),
    ("secret-in-image", HIGH, said("TOKEN is in layer 4.", stage=Stage.STORE, code="secret-in-image")),
    ("exec-format", HIGH, built("exec /bin/tool: exec format error", 255)),
    ("exec-format", HIGH, ended("[FATAL tini (7)] exec ./server failed: Exec format error", 126)),
    ("exec-format", MEDIUM, ended('/tool: 1: Syntax error: word unexpected (expecting ")")', 2)),
    (
        "manifest-missing",
        HIGH,
        built("ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'"),
    ),
    (
        "manifest-missing",
        HIGH,
        built("npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/app/package.json'", 254),
    ),
    ("dependency-version-missing", HIGH, built(PIP_NONE)),
    ("dependency-version-missing", HIGH, built("npm error notarget No matching version found for left-pad@^99.0.0.")),
    ("package-index-unreachable", MEDIUM, built(PIP_OFFLINE)),
    ("lock-file-outdated", HIGH, built(NPM_CI)),
    ("lock-file-outdated", HIGH, built("npm error The `npm ci` command can only install with an existing package-lock.json")),
    ("lock-file-outdated", HIGH, built("error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.")),
    ("wrong-language-version", HIGH, built("ERROR: Package 'shop' requires a different Python: 3.13.5 not in '<3.12'")),
    ("wrong-language-version", HIGH, built('npm error notsup Required: {"node":">=26"}', language="nodejs", version="24")),
    ("build-command-not-found", HIGH, built("sh: 1: npn: not found", 127)),
    ("build-command-not-found", HIGH, built('npm error Missing script: "build"')),
    ("build-out-of-memory", HIGH, built("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", 134)),
    ("build-out-of-memory", HIGH, built("Compiling shop", 137)),
    ("build-out-of-disk", HIGH, built("cp: error writing 'big': No space left on device")),
    ("build-timeout", HIGH, built("still at work", None, "The build was stopped: it took longer than its limit of 1800 seconds.")),
    ("no-pages", HIGH, built("The build wrote no index.html into one of dist, build, out, public, _site.")),
    ("build-syntax-error", MEDIUM, built("SyntaxError: Unexpected token '}'")),
    ("start-command-not-found", HIGH, ended("sh: 2: gunicron: not found", 127)),
    ("start-command-not-found", HIGH, said("The instance could not be started: The image has no program ./go, which the start command needs.")),
    ("start-file-missing", HIGH, ended("python: can't open file '/app/run.py': [Errno 2] No such file or directory", 2)),
    ("start-file-missing", HIGH, ended("Error: Cannot find module '/app/serve.js'", start_command="node serve.js")),
    ("missing-module", HIGH, ended("ModuleNotFoundError: No module named 'flask'")),
    ("missing-module", HIGH, ended(NODE_MODULE)),
    ("missing-variable", HIGH, ended(PYTHON_KEY)),
    ("missing-variable", HIGH, ended("Error: Missing required environment variable: API_TOKEN")),
    ("missing-variable", HIGH, ended("django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable")),
    ("missing-variable", HIGH, ended("ValueError: STRIPE is missing", expected=frozenset({"STRIPE"}))),
    ("missing-variable", HIGH, ended(NODE_UNDEFINED)),
    ("missing-variable", HIGH, ended(PYTHON_NONE)),
    ("missing-variable", MEDIUM, ended("ValueError: STRIPE is missing")),
    ("missing-variable", HIGH, ended("SECRET_KEY must be set")),
    ("permission-denied", HIGH, ended("PermissionError: [Errno 13] Permission denied: '/data/app.db'")),
    ("permission-denied", HIGH, ended("Error: listen EACCES: permission denied 0.0.0.0:80", port=80)),
    ("permission-denied", HIGH, ended("sh: 2: ./start.sh: Permission denied", 126)),
    ("address-in-use", HIGH, ended("OSError: [Errno 98] Address already in use")),
    ("exits-at-once", HIGH, ended("Done.", 0)),
    ("out-of-memory", HIGH, ended("", 137, instances=(seen(137, out_of_memory=True),))),
    ("out-of-memory", MEDIUM, ended("", 137)),
    ("service-unreachable", HIGH, ended(POSTGRES)),
    ("service-unreachable", HIGH, ended(NODE_REFUSED)),
    ("service-unreachable", HIGH, ended(NODE_DNS, services=("postgres",))),
    ("crash-loop", HIGH, said("web-1 ended again and again after the switch, with exit code 1.", stage=Stage.RETIRE)),
    ("errors-after-switch", HIGH, said("18 of its 20 answers were server errors (5xx).", stage=Stage.RETIRE)),
    ("taken-back", HIGH, said("ada went back to release #3.", stage=Stage.RETIRE)),
    ("crash", HIGH, ended(PYTHON_NAME)),
    ("crash", HIGH, ended(NODE_TYPE)),
    ("killed-by-signal", MEDIUM, ended("", 139)),
    ("listens-on-localhost", HIGH, silent(Listener(IPV4, "127.0.0.1", 3000, "python"))),
    ("listens-on-localhost", HIGH, silent(Listener(IPV4, "127.0.0.1", 5000, "flask"))),
    ("listens-on-another-port", HIGH, silent(Listener(IPV4, ANYWHERE, 5055, "python"))),
    ("listens-on-ipv6-only", HIGH, silent(Listener(IPV6, "::", 3000, "node"))),
    ("listens-on-a-socket-file", HIGH, silent(Listener(UNIX, "/tmp/web.sock", 0, "gunicorn"))),
    ("slow-start", MEDIUM, silent(output="Migration 7 of 9", ago=1.0)),
    ("nothing-listens", HIGH, silent(output="Ready.")),
    ("does-not-answer", MEDIUM, silent(Listener(IPV4, ANYWHERE, 3000, "python"), reason="web-1 did not answer: no answer within 2 seconds.")),
    ("health-host-refused", HIGH, answers(400, "Invalid HTTP_HOST header: 'web-abc.localhost'. You may need to add it to ALLOWED_HOSTS.")),
    ("health-host-refused", MEDIUM, answers(400)),
    ("health-not-found", HIGH, answers(404)),
    ("health-protected", HIGH, answers(401)),
    ("health-redirects", HIGH, answers(301, health_status="200")),
    ("health-fails", HIGH, answers(500)),
    ("health-unexpected", MEDIUM, answers(204, health_status="200")),
    ("no-room", HIGH, said("The disk of the engine has 12 MB free, and a build needs at least 2048 MB.", stage=Stage.BUILD)),
    ("no-room", HIGH, said("Not enough memory: it needs 256 MB, and the machine has 90 MB free.")),
    ("interrupted", HIGH, said("The platform was stopped during this deploy.", Kind.STOPPED)),
    ("engine-unavailable", HIGH, said("The engine could not do it: no answer.", Kind.ENGINE, retryable=True)),
    ("proxy-unavailable", HIGH, said("The proxy could not do it: no answer.", Kind.PROXY, Stage.SWITCH)),
    ("start-refused", MEDIUM, said("The instance could not be started: invalid mount.")),
    ("platform-fault", HIGH, said("A fault of the platform. Give the operator this id: 0a1b2c3d.", Kind.FAULT)),
    ("unknown", GUESS, ended("Something odd", 3)),
]  # fmt: skip

# Facts that look like the cause and are none, or another one.
NEAR_MISSES: list[tuple[str, Facts]] = [
    ("branch-missing", repository("There is no repository at this address.", Said.NOT_FOUND)),
    ("subfolder-missing", repository("There is no file “Dockerfile”.", Said.NOT_FOUND, "dockerfile")),
    ("dockerfile-missing", repository("There is no folder “wbe”.", Said.NOT_FOUND, "subfolder")),
    ("repository-not-found", repository("There is no folder “wbe”.", Said.NOT_FOUND, "subfolder")),
    ("authentication-refused", repository("There is no repository at this address.", Said.NOT_FOUND)),
    ("host-not-resolvable", built("getaddrinfo EAI_AGAIN packages.example.com")),
    ("repository-too-large", repository("The host name git.invalid does not exist.", Said.HOST)),
    ("repository-empty", repository("The repository has no branch “mian”.", Said.BRANCH, "branch")),
    ("repository-other", built("fatal: not a git repository")),
    ("base-image-missing", built("Error: manifest unknown", 1, instruction="RUN ./publish")),
    ("dockerfile-invalid", built("dockerfile parse error line 2: in a text that the build prints")),
    ("dockerfile-copy-missing", built("cp: cannot stat 'go.sum': No such file or directory")),
    ("dockerfile-refused", built("", reason="Line 3 is not allowed.")),
    ("secret-in-image", built("", reason="TOKEN is in layer 4.")),
    ("exec-format", ended('/app/start.sh: 1: Syntax error: word unexpected (expecting ")")', 2)),
    ("exec-format", silent(output="the plugin says: exec format error")),
    ("exec-format", built("ValueError: the format of the date is not ELF enough")),
    ("manifest-missing", built("Collecting flask\nNo such file or directory: 'data.csv'")),
    ("manifest-missing", ended("FileNotFoundError: [Errno 2] No such file or directory: 'requirements.txt'")),
    ("dependency-version-missing", built(PIP_OFFLINE)),
    ("package-index-unreachable", ended("Error: getaddrinfo EAI_AGAIN db")),
    ("lock-file-outdated", built("added 12 packages\nnpm warn old lockfile")),
    ("wrong-language-version", built("npm warn EBADENGINE Required: { node: '>=26' }")),
    ("build-command-not-found", built("sh: 1: git: not found\n2 tests failed", 1)),
    ("build-command-not-found", built("src/page.js: template not found")),
    ("build-out-of-memory", built("Killed 12 mosquitoes", 1)),
    ("build-out-of-disk", built("Checking disk: 12 GB left")),
    ("build-timeout", built("Test took longer than its limit", 1)),
    ("no-pages", built("index.html was written")),
    ("build-syntax-error", ended("SyntaxError: Unexpected token '}'")),
    ("start-command-not-found", ended("sh: 2: git: not found", 1)),
    ("start-command-not-found", ended("GET /favicon.ico: not found")),
    ("start-command-not-found", built("sh: 1: gunicron: not found", 127)),
    ("start-file-missing", ended("Error: Cannot find module '/app/lib/menu.js'", start_command="node server.js")),
    ("missing-module", silent(output="Error: Cannot find module 'fsevents'")),
    ("missing-module", silent(output="The plugin loader says: no module named so", ago=1.0)),
    ("missing-variable", ended(PYTHON_NONE, variables=frozenset({"CACHE_HOSTS"}))),
    ("missing-variable", ended(NODE_TYPE)),
    ("missing-variable", ended("ERROR missing dependency, giving up")),
    ("missing-variable", ended("Error: ERR_MODULE is not defined")),
    ("missing-variable", ended("TOTAL is missing in row 7")),
    ("missing-variable", ended("KeyError: 'DATABASE_URL'", variables=frozenset({"DATABASE_URL"}))),
    ("missing-variable", ended("Traceback (most recent call last):\nKeyError: 'PRICE'")),
    ("missing-variable", ended("All variables are set")),
    ("permission-denied", ended("Login failed: permission denied for user ada")),
    ("permission-denied", ended("PermissionError: [Errno 13] Permission denied", port=3000)),
    ("address-in-use", silent(Listener(IPV4, ANYWHERE, 9, "x"), output="Address already in use, trying the next")),
    ("exits-at-once", ended("Done.", 3)),
    ("exits-at-once", silent(output="Done.")),
    ("out-of-memory", ended("", 137)),
    ("out-of-memory", ended("The mattress is out of memory foam")),
    ("service-unreachable", ended("ConnectionRefusedError: [Errno 111] Connection refused")),
    ("service-unreachable", silent(Listener(IPV4, ANYWHERE, 5055, "x"), output=NODE_REFUSED)),
    ("service-unreachable", ended("Bye.", 0)),
    ("crash-loop", ended("web-1 ended again after the switch")),
    ("errors-after-switch", answers(500)),
    ("taken-back", ended("ada went back to release 3")),
    ("crash", ended("", 3)),
    ("crash", ended(PYTHON_NAME, 0)),
    ("killed-by-signal", ended("", 1)),
    ("listens-on-localhost", silent(Listener(IPV4, "127.0.0.1", 9229, "node"), Listener(IPV4, ANYWHERE, 5055, "node"))),
    ("listens-on-another-port", silent(Listener(IPV4, "127.0.0.1", 5055, "python"))),
    ("listens-on-another-port", silent(Listener(IPV4, ANYWHERE, 3000), Listener(IPV4, ANYWHERE, 9100))),
    ("listens-on-ipv6-only", silent(Listener(IPV6, "::", 3000), Listener(IPV4, ANYWHERE, 3000))),
    ("listens-on-a-socket-file", silent(Listener(UNIX, "/tmp/x", 0), Listener(IPV4, ANYWHERE, 5055))),
    ("slow-start", silent(output="Ready.", ago=30.0)),
    ("nothing-listens", silent(output="Migration 7 of 9", ago=1.0)),
    ("nothing-listens", ended("", 1)),
    ("does-not-answer", answers(404)),
    ("health-host-refused", answers(404, "ALLOWED_HOSTS is fine")),
    ("health-not-found", answers(500, "404 pages were counted")),
    ("health-protected", answers(404)),
    ("health-redirects", answers(404)),
    ("health-fails", answers(404, "status 500 in the text of the program")),
    ("health-unexpected", ended("status 418")),
    ("no-room", built("no space left on device")),
    ("interrupted", ended("stopped", 143)),
    ("engine-unavailable", said("The image is gone.")),
    ("proxy-unavailable", said("The proxy was mentioned.")),
    ("start-refused", said("The engine has no network.")),
    ("platform-fault", said("A text with an id: 0a1b2c3d.")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "confidence", "facts"), MATCHES, ids=[f"{c}-{n}" for n, (c, _, _) in enumerate(MATCHES)]
)
def test_facts_lead_to_the_cause(code: str, confidence: Confidence, facts: Facts) -> None:
    cause, finding = judge(facts)
    assert (cause.code, finding.confidence) == (code, confidence)
    assert finding.sentence.endswith((".", "?"))
    assert finding.shortcuts
    assert set(finding.evidence) <= set(facts.lines)


@pytest.mark.parametrize(("code", "facts"), NEAR_MISSES, ids=[f"{c}-{n}" for n, (c, _) in enumerate(NEAR_MISSES)])
def test_what_only_looks_like_it_is_not_taken_for_it_with_certainty(code: str, facts: Facts) -> None:
    cause = next(cause for cause in CATALOGUE if cause.code == code)
    finding = cause.match(facts)
    assert finding is None or finding.confidence < HIGH


def test_every_cause_is_tried_both_ways() -> None:
    codes = {cause.code for cause in CATALOGUE}
    assert {code for code, _, _ in MATCHES} == codes
    assert {code for code, _ in NEAR_MISSES} == codes - {"unknown"}


def test_codes_are_unique_and_every_entry_is_documented() -> None:
    assert len({cause.code for cause in CATALOGUE}) == len(CATALOGUE) >= 40
    for cause in CATALOGUE:
        assert cause.title and cause.looks_at.endswith((".", "?")) and cause.offers.endswith(".")


def test_the_disk_of_the_engine_is_told() -> None:
    facts = built("No space left on device", capacity=Capacity(2, 4096, 2048, 17))
    assert "17 MB" in judge(facts)[1].sentence
