"""The settings an operator can make: environment variables that start with KINTOHUB_, checked all at once."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent


class Config(BaseSettings):
    """Every field is `KINTOHUB_<NAME>`. The three secrets are made once by `make run` and kept with the data."""

    model_config = SettingsConfigDict(env_prefix="KINTOHUB_", extra="ignore", hide_input_in_errors=True)

    data: Path = CHECKOUT / "data"
    secret_key: str = Field(min_length=32, repr=False)
    encryption_keys: str = Field(min_length=44, repr=False)
    installation_id: str = Field(pattern=r"^[0-9a-f]{8}$")

    database_url: str = ""
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", repr=False)
    port: int = Field(default=8000, ge=1, le=65535)
    public_port: int = Field(default=8080, ge=1, le=65535)
    base_domain: str = Field(default="localhost", pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
    hosts: str = "*"
    https: bool = False
    debug: bool = False
    metrics_token: str = Field(default="", pattern=r"^(\S{16,200})?$", repr=False)

    engine: str = Field(default="docker", pattern=r"^(docker|memory)$")
    proxy: str = Field(default="haproxy", pattern=r"^(haproxy|memory)$")
    proxy_socket: str = ""
    proxy_config_dir: str = ""
    proxy_slots: int = Field(default=1000, ge=10, le=20_000)
    max_request_mb: int = Field(default=1024, ge=1, le=1_000_000)

    git_protocols: str = "https:ssh"
    git_private_hosts: bool = False
    local_repositories: str = ""
    disk_floor_mb: int = Field(default=2048, ge=0)
    memory_floor_mb: int = Field(default=128, ge=0)
    console_lines: int = Field(default=100_000, ge=1_000, le=10_000_000)
    console_days: int = Field(default=7, ge=1, le=3650)
    preflight_seconds: int = Field(default=5, ge=0, le=60)
    debian_mirror: str = Field(default="", pattern=r"^(https?://\S+)?$")

    @field_validator("data")
    @classmethod
    def resolve_data(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def keys(self) -> list[str]:
        """Encryption keys, newest first; older ones only decrypt."""
        return [key.strip() for key in self.encryption_keys.split(",") if key.strip()]


def load() -> Config:
    """Read the environment, then what `make run` keeps in `<data>/secrets.env`. Raises pydantic's ValidationError."""
    data = Path(os.environ.get("KINTOHUB_DATA") or CHECKOUT / "data").expanduser()
    return Config(_env_file=data / "secrets.env")  # type: ignore[call-arg]
