"""`python -m kintohub.webserver <arguments of daphne>`."""

from __future__ import annotations

from daphne.cli import CommandLineInterface

from kintohub.webserver.server import Server

if __name__ == "__main__":
    CommandLineInterface.server_class = Server
    CommandLineInterface.entrypoint()
