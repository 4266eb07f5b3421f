"""What is proposed for the kinds of applications that people have."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import languages
from services.repository.detection import Detection, detect
from services.repository.files import Files

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "import fastapi\nservice: fastapi.FastAPI = fastapi.FastAPI(title='x')\n"


def found(files: dict[str, str]) -> Detection:
    return detect(Files(frozenset(files), files))


def package(**content: object) -> str:
    return json.dumps(content)


@pytest.mark.parametrize(
    ("files", "language", "build", "start", "port"),
    [
        (
            {"requirements.txt": "flask", "app.py": FLASK},
            "python",
            "pip install -r requirements.txt",
            "flask --app app:app run --host 0.0.0.0 --port $PORT",
            "5000",
        ),
        (
            {"requirements.txt": "flask\ngunicorn", "app.py": FLASK},
            "python",
            "pip install -r requirements.txt",
            "gunicorn app:app --bind 0.0.0.0:$PORT",
            "5000",
        ),
        (
            {"requirements.txt": "fastapi", "main.py": FASTAPI},
            "python",
            "pip install -r requirements.txt",
            "uvicorn main:service --host 0.0.0.0 --port $PORT",
            "8000",
        ),
        (
            {"requirements.txt": "django\ngunicorn", "manage.py": "", "shop/wsgi.py": ""},
            "python",
            "pip install -r requirements.txt",
            "gunicorn shop.wsgi --bind 0.0.0.0:$PORT",
            "8000",
        ),
        (
            {"requirements.txt": "django", "manage.py": ""},
            "python",
            "pip install -r requirements.txt",
            "python manage.py runserver --noreload 0.0.0.0:$PORT",
            "8000",
        ),
        (
            {"requirements.txt": "x", "Procfile": "release: x\nweb: gunicorn x:y\n"},
            "python",
            "pip install -r requirements.txt",
            "gunicorn x:y",
            "8000",
        ),
        ({"run.py": 'port = int(os.environ.get("PORT", "8123"))'}, "python", "", "python run.py", "8123"),
        (
            {"package.json": package(scripts={"start": "x", "build": "y"}), "package-lock.json": ""},
            "nodejs",
            "npm ci && npm run build",
            "npm start",
            "3000",
        ),
        (
            {"package.json": package(main="./index.js"), "index.js": "app.listen(process.env.PORT || 4000)"},
            "nodejs",
            "npm install",
            "node index.js",
            "4000",
        ),
        (
            {
                "package.json": package(
                    dependencies={"next": "15"}, scripts={"start": "next start", "build": "next build"}
                ),
                "yarn.lock": "",
            },
            "nodejs",
            "npm install -g --force yarn@1 && yarn install --frozen-lockfile && yarn build",
            "npm start",
            "3000",
        ),
        (
            {
                "package.json": package(devDependencies={"vite": "7"}, scripts={"build": "vite build"}),
                "package-lock.json": "",
            },
            "static",
            "npm ci && npm run build",
            None,
            "8080",
        ),
        (
            {
                "package.json": package(
                    dependencies={"react-scripts": "5"}, scripts={"build": "x", "start": "react-scripts start"}
                )
            },
            "static",
            "npm install && npm run build",
            None,
            "8080",
        ),
        (
            {"go.mod": "module x\ngo 1.24\n", "main.go": 'http.ListenAndServe(":9090", nil)'},
            "go",
            "go build -o /usr/local/bin/app .",
            "app",
            "9090",
        ),
        (
            {"go.mod": "module x", "cmd/web/main.go": ""},
            "go",
            "go build -o /usr/local/bin/app ./cmd/web",
            "app",
            "8080",
        ),
        (
            {"Gemfile": "gem 'rails'\ngem 'propshaft'", "config/application.rb": "", "package.json": "{}"},
            "ruby",
            "bundle install && bundle exec rails assets:precompile",
            "bundle exec rails server -b 0.0.0.0 -p $PORT",
            "3000",
        ),
        (
            {"Gemfile": "gem 'rails'", "config/application.rb": ""},
            "ruby",
            "bundle install",
            "bundle exec rails server -b 0.0.0.0 -p $PORT",
            "3000",
        ),
        (
            {"Gemfile": "gem 'sinatra'", "app.rb": ""},
            "ruby",
            "bundle install",
            "bundle exec ruby app.rb -o 0.0.0.0 -p $PORT",
            "4567",
        ),
        (
            {"composer.json": "{}", "artisan": ""},
            "php",
            "composer install --no-interaction",
            "php artisan serve --host 0.0.0.0 --port $PORT",
            "8000",
        ),
        ({"index.php": ""}, "php", "", "php -S 0.0.0.0:$PORT", "8000"),
        (
            {"Cargo.toml": '[package]\nname = "shop"\n'},
            "rust",
            "cargo build --release",
            "./target/release/shop",
            "8080",
        ),
        (
            {"pom.xml": "", "mvnw": ""},
            "java",
            "./mvnw --batch-mode package -DskipTests",
            "java -jar target/*.jar",
            "8080",
        ),
        (
            {"build.gradle": "plugins { id 'org.springframework.boot' }", "gradlew": ""},
            "java",
            "./gradlew bootJar",
            "java -jar build/libs/*.jar",
            "8080",
        ),
        ({"build.gradle.kts": ""}, "java", "gradle build -x test", "java -jar build/libs/*.jar", "8080"),
        ({"mix.exs": "{:phoenix, "}, "elixir", "mix deps.get && mix compile", "mix phx.server", "4000"),
        ({"index.html": ""}, "static", None, None, "8080"),
        ({"Dockerfile": "FROM x\nexpose 7000/tcp\n", "package.json": "{}"}, "dockerfile", None, None, "7000"),
    ],
)
def test_applications(
    files: dict[str, str], language: str, build: str | None, start: str | None, port: str | None
) -> None:
    proposals = found(files)
    values = [proposals.language, proposals.build_command, proposals.start_command, proposals.port]
    assert [proposal and proposal.value for proposal in values] == [language, build, start, port]
    assert all(proposal.reason.endswith(".") for proposal in values if proposal)


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"app.py": ""}, "3.13"),
        ({"app.py": "", ".python-version": "3.11.4\n"}, "3.11"),
        ({"app.py": "", "runtime.txt": "python-3.12.1"}, "3.12"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.14"\n'}, "3.14"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.8"\n'}, "3.13"),
        ({"package.json": package(engines={"node": "18.x"})}, "18"),
        ({"package.json": "{}", ".nvmrc": "v22\n"}, "22"),
        ({"package.json": "{}", ".nvmrc": "lts/iron\n"}, "24"),
        ({"go.mod": "module x\n\ngo 1.21\n"}, "1.27"),
        ({"Gemfile": 'ruby "~> 3.4"'}, "3.4"),
        ({"pom.xml": "<java.version>17</java.version>"}, "17"),
        ({"Cargo.toml": 'rust-version = "1.70"'}, "1.97"),
    ],
)
def test_versions(files: dict[str, str], version: str) -> None:
    proposal = found(files).version
    assert proposal and proposal.value == version


def test_dockerfile_by_another_name() -> None:
    proposal = found({"Dockerfile.web": "FROM x"}).dockerfile
    assert proposal and proposal.value == "Dockerfile.web"


def test_nothing_recognised() -> None:
    assert found({"README.md": ""}) == Detection()
    assert found({}) == Detection()


NAMES = st.sampled_from(
    [
        "package.json",
        "app.py",
        "go.mod",
        "pom.xml",
        "Gemfile",
        "Dockerfile",
        "Procfile",
        "pyproject.toml",
        ".nvmrc",
        "mix.exs",
    ]
)
TEXTS = st.text(max_size=60) | st.sampled_from(
    ["[]", "null", '{"scripts": 1, "engines": [], "main": {}}', "EXPOSE 99999", "[" * 3000]
)


@given(st.dictionaries(NAMES, TEXTS, max_size=5))
def test_hostile_files_give_proposals_that_can_be_used(files: dict[str, str]) -> None:
    proposals = found(files)
    if proposals.language:
        numbers = [version.number for version in languages.get(proposals.language.value).versions]
        assert not proposals.version or proposals.version.value in numbers
    assert not proposals.port or 0 < int(proposals.port.value) < 65536
