"""Go, Java, PHP, Ruby, Rust and Elixir."""

from __future__ import annotations

import re

from services.repository.detection.types import Commands, Proposal, first, port_in
from services.repository.files import Files

# One of these gives Rails the task that prepares assets; an application without pages has none.
RAILS_ASSETS = re.compile(r"sprockets|propshaft|sass-rails|webpacker|uglifier")


def go(files: Files) -> Commands:
    folder = "." if files.top(".go") else _go_command(files)
    build = Proposal(f"go build -o /usr/local/bin/app {folder}", "go.mod describes the module.")
    port = port_in(files, "main.go") or Proposal("8080", "The usual port of Go servers.")
    return Commands(build, Proposal("app", "The program that the build command makes."), port)


def _go_command(files: Files) -> str:
    found = sorted(path for path in files.paths if re.fullmatch(r"cmd/[\w.-]+/main\.go", path))
    return "./" + found[0].removesuffix("/main.go") if found else "."


def java(files: Files) -> Commands:
    port = Proposal("8080", "The usual port of Java servers.")
    if files.has("pom.xml"):
        tool = "./mvnw" if files.has("mvnw") else "mvn"
        build = Proposal(f"{tool} --batch-mode package -DskipTests", "pom.xml describes a Maven project.")
        return Commands(build, Proposal("java -jar target/*.jar", "Maven puts the program there."), port)
    tool = "./gradlew" if files.has("gradlew") else "gradle"
    task = "bootJar" if "org.springframework.boot" in _gradle(files) else "build -x test"
    build = Proposal(f"{tool} {task}", "build.gradle describes a Gradle project.")
    return Commands(build, Proposal("java -jar build/libs/*.jar", "Gradle puts the program there."), port)


def _gradle(files: Files) -> str:
    """Spring's `build` would write a second archive, without its libraries, that comes first in the folder."""
    return files.text("build.gradle") + files.text("build.gradle.kts")


def php(files: Files) -> Commands:
    port = Proposal("8000", "The usual port of PHP's own server.")
    has_packages = files.has("composer.json")
    build = Proposal("composer install --no-interaction", "The packages are listed in composer.json.")
    if files.has("artisan"):
        start = Proposal("php artisan serve --host 0.0.0.0 --port $PORT", "artisan is Laravel's.")
    elif files.has("public/index.php"):
        start = Proposal("php -S 0.0.0.0:$PORT -t public", "public/index.php is the entry.")
    else:
        start = Proposal("php -S 0.0.0.0:$PORT", "PHP's own server serves the folder.")
    return Commands(build if has_packages else Proposal("", "There is nothing to build."), start, port)


def ruby(files: Files) -> Commands:
    install = "bundle install"
    if files.has("config/application.rb"):
        has_assets = RAILS_ASSETS.search(files.text("Gemfile"))
        assets = " && bundle exec rails assets:precompile" if has_assets else ""
        build = Proposal(install + assets, "config/application.rb is Rails's.")
        start = Proposal("bundle exec rails server -b 0.0.0.0 -p $PORT", "config/application.rb is Rails's.")
        return Commands(build, start, Proposal("3000", "Rails's usual port."))
    build = Proposal(install, "The packages are listed in Gemfile.")
    if files.has("config.ru"):
        start = Proposal("bundle exec rackup -o 0.0.0.0 -p $PORT", "config.ru describes a Rack application.")
        return Commands(build, start, Proposal("9292", "Rack's usual port."))
    program = first(files, "app.rb", "main.rb", "server.rb")
    options = " -o 0.0.0.0 -p $PORT" if "sinatra" in files.text("Gemfile") else ""
    found = Proposal(f"bundle exec ruby {program}{options}", f"{program} looks like the program.") if program else None
    return Commands(build, found, Proposal("4567", "Sinatra's usual port."))


def rust(files: Files) -> Commands:
    name = re.search(r'^\s*name\s*=\s*"([\w-]+)"', files.text("Cargo.toml"), re.MULTILINE)
    build = Proposal("cargo build --release", "Cargo.toml describes the package.")
    start = Proposal(f"./target/release/{name[1]}", "The name of the package in Cargo.toml.") if name else None
    return Commands(build, start, Proposal("8080", "The usual port of Rust servers."))


def elixir(files: Files) -> Commands:
    build = Proposal("mix deps.get && mix compile", "mix.exs describes the project.")
    phoenix = ":phoenix," in files.text("mix.exs")
    start = Proposal("mix phx.server" if phoenix else "mix run --no-halt", "mix.exs describes the project.")
    return Commands(build, start, Proposal("4000", "Phoenix's usual port."))
