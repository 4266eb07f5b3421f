"""Broken in what the health path answers."""

from tests.diagnosis.cases.case import Case, python, serving

HEALTH = {"deploy_timeout": 10, "health_path": "/healthz"}
DJANGO = """\
def refuse(handler):
    print("Invalid HTTP_HOST header: 'web'. You may need to add 'web' to ALLOWED_HOSTS.", flush=True)
    handler.say(400)
"""
FAILS = """\
import traceback


def fail(handler):
    try:
        {}["price"]
    except KeyError:
        traceback.print_exc()
    handler.say(500)
"""

CASES = (
    Case("no-health-page", "health-not-found", python(serving(answer="self.say(404)")), HEALTH, clicks=True),
    Case("health-behind-a-login", "health-protected", python(serving(answer="self.say(401)")), HEALTH, clicks=True),
    Case(
        "health-leads-elsewhere",
        "health-redirects",
        python(serving(answer='self.say(301, Location="https://example.com/")')),
        {**HEALTH, "health_status": "200"},
        clicks=True,
    ),
    Case("host-not-allowed", "health-host-refused", python(serving(DJANGO, answer="refuse(self)")), HEALTH),
    Case("health-with-an-error", "health-fails", python(serving(FAILS, answer="fail(self)")), HEALTH),
)
