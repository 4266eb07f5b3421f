"""Static sites: a web server that serves a folder on the port that the platform gives it."""

from __future__ import annotations

FOLDER = "/site"
CONFIGURATION = "nginx.conf"
PROGRAM = "serve.sh"
# Folders that tools write pages to, in the order in which they are looked for.
OUTPUTS = ("dist", "build", "out", "public", "_site", ".")

# Unknown paths get the first page: applications that run in the browser have routes of their own.
NGINX = b"""\
worker_processes 1;
user nobody nogroup;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /dev/stdout;
    client_body_temp_path /tmp/nginx-body;
    proxy_temp_path /tmp/nginx-proxy;
    fastcgi_temp_path /tmp/nginx-fastcgi;
    uwsgi_temp_path /tmp/nginx-uwsgi;
    scgi_temp_path /tmp/nginx-scgi;
    server_tokens off;
    absolute_redirect off;
    sendfile on;
    gzip on;
    gzip_types text/css text/plain application/javascript application/json image/svg+xml;
    server {
        listen PORT;
        root /site;
        index index.html;
        location / { try_files $uri $uri/ $uri.html /index.html =404; }
        location ~ /\\.(?!well-known/) { return 404; }
    }
}
"""

SERVE = b"""\
set -e
sed "s/listen PORT;/listen ${PORT:-8080};/" /kintohub/nginx.conf > /tmp/nginx.conf
exec nginx -c /tmp/nginx.conf -g "daemon off;"
"""

FILES = {CONFIGURATION: NGINX, PROGRAM: SERVE}


def collect(output: str) -> str:
    """The shell command that puts the built pages into FOLDER."""
    folders = " ".join([quoted(output)] if output else OUTPUTS)
    missing = output or "one of " + ", ".join(OUTPUTS[:-1])
    return (
        f'for folder in {folders}; do if [ -f "$folder/index.html" ]; then cp -R "$folder" {FOLDER}; exit 0; fi; done; '
        f"echo {quoted(f'The build wrote no index.html into {missing}.')} >&2; exit 1"
    )


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
