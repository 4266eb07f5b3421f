"""Broken in a Dockerfile, or in the image it starts from."""

from tests.diagnosis.cases.case import DOCKERFILE, OWN, Case, python, serving

# The head of a program for 32-bit ARM: to every other processor it is no program (ELF header, e_machine 40).
FOREIGN = "\x7fELF\x01\x01\x01" + 9 * "\0" + "\x02\0\x28\0\x01\0\0\0" + 60 * "\0"

RUNS_A_TOOL = """\
FROM python:3.13
COPY tool /tool
RUN chmod +x /tool
CMD ["/tool"]
"""

BAKED = "9f1c7e2ab45d-tr0ub4dor"

CASES = (
    Case(
        "dockerfile-with-a-typo",
        "dockerfile-invalid",
        {"Dockerfile": DOCKERFILE.replace("COPY", "COPPY"), "run.py": serving()},
        OWN,
    ),
    Case(
        "dockerfile-copies-from-elsewhere",
        "dockerfile-copy-missing",
        {
            "Dockerfile": DOCKERFILE.replace("COPY . .", "COPY run.py ."),
            "web/Dockerfile": DOCKERFILE.replace("COPY . .", "COPY run.py ."),
            "web/run.py": serving(),
        },
        OWN,
        clicks=True,
    ),
    Case("base-image-that-is-not", "base-image-missing", {"Dockerfile": "FROM kintohub.invalid/none:1\n"}, OWN),
    Case(
        "dockerfile-takes-an-address-of-the-host",
        "dockerfile-refused",
        {"Dockerfile": DOCKERFILE + "ADD http://127.0.0.1/x /x\n", "run.py": serving()},
        OWN,
    ),
    Case(
        "program-of-another-processor",
        "exec-format",
        python(tool=FOREIGN),
        {"build_command": "chmod +x tool", "start_command": "./tool"},
    ),
    Case("dockerfile-runs-a-foreign-program", "exec-format", {"Dockerfile": RUNS_A_TOOL, "tool": FOREIGN}, OWN),
    Case(
        "secret-in-the-code",
        "secret-in-image",
        python(serving(f'KEY = "{BAKED}"')),
        secrets={"API_KEY": BAKED},
    ),
)
