"""Broken in how the program is started."""

from tests.diagnosis.cases.case import NODE, OWN, Case, node, node_server, python, serving

SCRIPT = "#!/bin/sh\nexec python run.py\n"
NEEDS = 'url = os.environ["DATABASE_URL"]'
NEEDS_TOKEN = """\
if (!process.env.API_TOKEN) {
  console.error("Missing required environment variable: API_TOKEN");
  process.exit(1);
}
"""
CONFIGURED = 'if not os.environ.get("SECRET_KEY"):\n    sys.exit("SECRET_KEY must be set")'
TWICE = "import socket\nfirst = socket.create_server((\"0.0.0.0\", int(os.environ['PORT'])))"
WRITES = 'open("/etc/shadow", "a")'

OF_A_USER = """\
FROM python:3.13
COPY run.py /run.py
USER 1000
CMD ["python", "/run.py"]
"""

CASES = (
    Case("python-misspelt", "start-command-not-found", python(), {"start_command": "pyhton run.py"}, clicks=True),
    Case("server-not-installed", "start-command-not-found", python(), {"start_command": "gunicorn run:app"}),
    Case("file-of-another-name", "start-file-missing", {"requirements.txt": "", "app.py": serving()}, clicks=True),
    Case("node-file-misspelt", "start-file-missing", node(), {**NODE, "start_command": "node sever.js"}, clicks=True),
    Case(
        "packages-not-installed",
        "missing-module",
        python(serving("import six"), requirements_txt="six==1.17.0\n"),
        {"build_command": ""},
        clicks=True,
    ),
    Case("module-not-listed", "missing-module", python(serving("import flask"))),
    Case("node-module-not-listed", "missing-module", node(node_server('require("express");')), NODE),
    Case("variable-missing", "missing-variable", python(serving(NEEDS)), clicks=True, value="postgres://db/shop"),
    Case(
        "node-variable-missing",
        "missing-variable",
        node(node_server(NEEDS_TOKEN)),
        NODE,
        clicks=True,
        value="t0ken-of-ada",
    ),
    Case(
        "node-variable-undefined",
        "missing-variable",
        node(node_server('const hosts = process.env.CACHE_HOSTS.split(",");')),
        NODE,
        clicks=True,
        value="one,two",
    ),
    Case("variable-must-be-set", "missing-variable", python(serving(CONFIGURED)), clicks=True, value="long-and-secret"),
    Case(
        "script-without-rights",
        "permission-denied",
        python(start_sh=SCRIPT),
        {"start_command": "./start.sh"},
        clicks=True,
    ),
    Case(
        "file-of-somebody-else",
        "permission-denied",
        {"Dockerfile": OF_A_USER, "run.py": serving(WRITES)},
        OWN,
    ),
    Case("port-taken-by-itself", "address-in-use", python(serving(TWICE))),
    Case("job-and-no-service", "exits-at-once", python("print('12 rows were imported')\n")),
    Case("into-the-background", "exits-at-once", python(), {"start_command": "python run.py &"}, clicks=True),
)
