"""`python -m kintohub.standalone.database`, inside the virtual environment: tables, and the proxy's files.

One process for what are several commands, because each start of Django costs a second.
"""

from __future__ import annotations

import os


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintohub.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False)
    call_command("createcachetable")
    call_command("write_proxy_config")


if __name__ == "__main__":
    prepare()
