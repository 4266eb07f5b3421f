"""The table: current releases of November 2026, and those of Debian, so that air-gapped places have a choice."""

from __future__ import annotations

from services.languages import recipes
from services.languages.types import Language, Version

BOOKWORM, TRIXIE, FORKY = "bookworm", "trixie", "forky"
# Debian testing: the versions of its packages move on.
ROLLING = frozenset({FORKY})

DOCKERFILE = Language(key="dockerfile", label="Dockerfile")

GO = Language(
    key="go",
    label="Go",
    versions=(
        Version("1.27", "golang:1.27", recipes.go(FORKY, "1.27")),
        Version("1.26", "golang:1.26"),
        Version("1.24", "golang:1.24", recipes.go(TRIXIE, "1.24"), end_of_life=True),
        Version("1.19", "golang:1.19", recipes.go(BOOKWORM, "1.19"), end_of_life=True),
    ),
    default_version="1.27",
    build_command="go build -o /usr/local/bin/app .",
    start_command="app",
    port=8080,
)

NODEJS = Language(
    key="nodejs",
    label="NodeJS",
    versions=(
        Version("26", "node:26"),
        Version("24", "node:24", recipes.nodejs(FORKY, "24")),
        Version("22", "node:22"),
        Version("20", "node:20", recipes.nodejs(TRIXIE, "20"), end_of_life=True),
        Version("18", "node:18", recipes.nodejs(BOOKWORM, "18"), end_of_life=True),
    ),
    default_version="24",
    build_command="npm install && npm run build",
    start_command="npm start",
    port=3000,
)

# Maven's own official images: the plain Java images have no build tool.
JAVA = Language(
    key="java",
    label="Java",
    versions=(
        Version("25", "maven:3.9-eclipse-temurin-25", recipes.java(TRIXIE, 25)),
        Version("21", "maven:3.9-eclipse-temurin-21", recipes.java(TRIXIE, 21)),
        Version("17", "maven:3.9-eclipse-temurin-17", recipes.java(BOOKWORM, 17)),
    ),
    default_version="25",
    build_command="mvn package",
    start_command="java -jar target/app.jar",
    port=8080,
)

PHP = Language(
    key="php",
    label="PHP",
    versions=(
        Version("8.5", "php:8.5-cli"),
        Version("8.4", "php:8.4-cli", recipes.php(TRIXIE, "8.4")),
        Version("8.3", "php:8.3-cli"),
        Version("8.2", "php:8.2-cli", recipes.php(BOOKWORM, "8.2")),
    ),
    default_version="8.4",
    build_command="composer install --no-interaction",
    start_command="php -S 0.0.0.0:$PORT",
    port=8000,
    prepare=(
        "command -v composer || { apt-get update && apt-get install -y --no-install-recommends git unzip"
        " && curl -fsSL https://getcomposer.org/installer"
        " | php -- --install-dir=/usr/local/bin --filename=composer; }"
    ),
)

PYTHON = Language(
    key="python",
    label="Python",
    versions=(
        Version("3.15", "python:3.15"),
        Version("3.14", "python:3.14", recipes.python(FORKY, "3.14")),
        Version("3.13", "python:3.13", recipes.python(TRIXIE, "3.13")),
        Version("3.12", "python:3.12"),
        Version("3.11", "python:3.11", recipes.python(BOOKWORM, "3.11")),
    ),
    default_version="3.13",
    build_command="pip install -r requirements.txt",
    start_command="python run.py",
    port=8000,
)

RUBY = Language(
    key="ruby",
    label="Ruby",
    versions=(
        Version("4.0", "ruby:4.0"),
        Version("3.4", "ruby:3.4"),
        Version("3.3", "ruby:3.3", recipes.ruby(TRIXIE, "3.3")),
        Version("3.1", "ruby:3.1", recipes.ruby(BOOKWORM, "3.1"), end_of_life=True),
    ),
    default_version="3.3",
    build_command="bundle install",
    start_command="bundle exec ruby app.rb",
    port=4567,
)

RUST = Language(
    key="rust",
    label="Rust",
    versions=(
        Version("1.100", "rust:1.100"),
        Version("1.97", "rust:1.97", recipes.rust(FORKY, "1.97")),
        Version("1.85", "rust:1.85", recipes.rust(TRIXIE, "1.85"), end_of_life=True),
        Version("1.63", "rust:1.63", recipes.rust(BOOKWORM, "1.63"), end_of_life=True),
    ),
    default_version="1.97",
    build_command="cargo build --release",
    start_command="./target/release/app",
    port=8080,
)

ELIXIR = Language(
    key="elixir",
    label="Elixir",
    versions=(
        Version("1.20", "elixir:1.20", recipes.elixir(FORKY, "1.20")),
        Version("1.19", "elixir:1.19"),
        Version("1.18", "elixir:1.18", recipes.elixir(TRIXIE, "1.18")),
        Version("1.14", "elixir:1.14", recipes.elixir(BOOKWORM, "1.14"), end_of_life=True),
    ),
    default_version="1.20",
    build_command="mix deps.get && mix compile",
    start_command="mix run --no-halt",
    port=4000,
    prepare="mix local.hex --force && mix local.rebar --force",
)

STATIC = Language(
    key="static",
    label="Static Site",
    versions=(
        Version("1.30", "nginx:1.30", recipes.nginx(FORKY, "1.30")),
        Version("1.26", "nginx:1.26", recipes.nginx(TRIXIE, "1.26"), end_of_life=True),
        Version("1.22", "nginx:1.22", recipes.nginx(BOOKWORM, "1.22"), end_of_life=True),
    ),
    default_version="1.30",
    port=8080,
)

# In the order of the form's list: the own Dockerfile first, then by name, the static site last.
LANGUAGES = (DOCKERFILE, ELIXIR, GO, JAVA, NODEJS, PHP, PYTHON, RUBY, RUST, STATIC)
