"""How Debian's packages become an image that behaves like the official one.

The package of the language is asked for in the version that the image is named after: a suite that moves on must not
put another version under the same name. Epochs (`2:`) are Debian's.
"""

from __future__ import annotations

from services.languages.types import Recipe

CERTIFICATES = "ca-certificates"
COMPILER = ("build-essential", "pkg-config")
PHP_EXTENSIONS = ("bcmath", "curl", "intl", "mbstring", "mysql", "pgsql", "sqlite3", "xml", "zip")
# What Erlang's own image has, and applications ask for, beyond what Debian's elixir needs.
ERLANG = ("dev", "eunit", "mnesia", "os-mon", "runtime-tools", "ssh", "ssl", "syntax-tools", "xmerl")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# As the official image has it: where people copy their pages to, the user that their own nginx.conf names, the console.
NGINX_SITE = (
    "server { listen 80; listen [::]:80; server_name localhost; root /usr/share/nginx/html; index index.html index.htm;"
    " error_page 500 502 503 504 /50x.html; }"
)


def python(suite: str, version: str) -> Recipe:
    """Debian's pip refuses to install next to Debian's own packages; in an image of its own that is what it is for.

    Without the official image's compiler, which would add 310 MB and half a minute to the first deploy on a machine;
    git adds 110 MB.
    """
    packages = (f"python3={version}.*", "python3-pip", "python3-venv", "python-is-python3", "git", CERTIFICATES)
    commands = ("rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",)
    return Recipe(suite, packages, commands, {"LANG": "C.UTF-8"}, ("python3",))


def nodejs(suite: str, version: str) -> Recipe:
    """Without a compiler, as for Python. Yarn, which official images have up to NodeJS 24, is not worth failing for."""
    packages = (f"nodejs={version}.*", "npm", "git", CERTIFICATES)
    yarn = "npm install --global yarn@1 || echo 'Yarn cannot be had from the registry of npm.'"
    return Recipe(suite, packages, ("mkdir -p /usr/local/lib/node_modules", yarn), command=("node",))


def go(suite: str, version: str) -> Recipe:
    """The official image's GOPATH; Debian's go may fetch a newer toolchain only when a module asks for it."""
    packages = (f"golang-go=2:{version}*", "gcc", "libc6-dev", "git", CERTIFICATES)
    return Recipe(suite, packages, ("mkdir -p /go/bin /go/src",), {"GOPATH": "/go", "PATH": f"/go/bin:{PATH}"})


def java(suite: str, version: int) -> Recipe:
    """Maven alone would bring Debian's default Java with it; naming the version's runtime too prevents that."""
    packages = (f"openjdk-{version}-jdk-headless", f"openjdk-{version}-jre-headless", "maven", "git", CERTIFICATES)
    return Recipe(suite, packages, environment={"LANG": "C.UTF-8"}, command=("mvn",))


def php(suite: str, version: str) -> Recipe:
    extensions = (f"php-{name}" for name in PHP_EXTENSIONS)
    packages = (f"php-cli=2:{version}+*", *extensions, "composer", "unzip", "git", CERTIFICATES)
    return Recipe(suite, packages, command=("php", "-a"))


def ruby(suite: str, version: str) -> Recipe:
    """Gems go where the official image has them."""
    packages = (f"ruby=1:{version}*", "ruby-dev", "bundler", *COMPILER, "libyaml-dev", "git", CERTIFICATES)
    environment = {
        "LANG": "C.UTF-8",
        "GEM_HOME": "/usr/local/bundle",
        "BUNDLE_APP_CONFIG": "/usr/local/bundle",
        "BUNDLE_SILENCE_ROOT_WARNING": "1",
        "PATH": f"/usr/local/bundle/bin:{PATH}",
    }
    return Recipe(suite, packages, environment=environment, command=("irb",))


def rust(suite: str, version: str) -> Recipe:
    return Recipe(suite, (f"rustc={version}.*", "cargo", *COMPILER, "git", CERTIFICATES))


def elixir(suite: str, version: str) -> Recipe:
    """Without Debian's rebar3: it would bring a desktop's libraries, 760 MB; `mix local.rebar` gets a small one."""
    packages = (f"elixir={version}.*", *(f"erlang-{name}" for name in ERLANG), "git", CERTIFICATES)
    return Recipe(suite, packages, environment={"LANG": "C.UTF-8"}, command=("iex",))


def nginx(suite: str, version: str) -> Recipe:
    commands = (
        "rm /etc/nginx/sites-enabled/default",
        f"echo '{NGINX_SITE}' > /etc/nginx/conf.d/default.conf",
        "useradd --system --no-create-home --shell /bin/false nginx",
        "ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log",
    )
    packages = (f"nginx={version}.*", CERTIFICATES)
    return Recipe(suite, packages, commands, command=("nginx", "-g", "daemon off;"))
