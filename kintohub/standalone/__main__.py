"""`python3 -m kintohub.standalone <command>`: what the Makefile calls, with whatever Python 3 the machine has."""

from __future__ import annotations

import sys

from kintohub.standalone import python

if __name__ == "__main__":
    python.use_supported(sys.argv[1:])
    from kintohub.standalone.commands import main

    sys.exit(main(sys.argv[1:]))
