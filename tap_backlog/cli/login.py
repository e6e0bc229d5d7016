"""The command ``tap-backlog-login``: get OAuth 2.0 tokens once, by hand.

It opens Backlog's authorization page in the browser, receives the redirect on this
machine, and prints the settings. Facts: docs/api-facts.md, "OAuth 2.0"; PKCE is RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import click

from tap_backlog.api.connection import USER_AGENT, open_session
from tap_backlog.api.oauth import Application, TokenEndpoint, within_limit
from tap_backlog.errors import BacklogError, SettingsError
from tap_backlog.hosts import API_PATH, base_url
from tap_backlog.redaction import Redactor
from tap_backlog.settings import check as settings_check
from tap_backlog.settings import schema as settings

if TYPE_CHECKING:
    from tap_backlog.api.token_file import Tokens

_AUTHORIZE_PATH = "OAuth2AccessRequest.action"
_PATIENCE = 300.0
"""Seconds to wait until the user allows the access."""

_REQUEST_TIMEOUT = 60.0


@click.command()
@click.option("--host", required=True, help="The space's host name.")
@click.option("--client-id", required=True, help="Id of the registered application.")
@click.option(
    "--client-secret",
    prompt=True,
    hide_input=True,
    envvar="TAP_BACKLOG_CLIENT_SECRET",
    help="Its secret. Better left out: the command asks for it, or reads it from "
    "TAP_BACKLOG_CLIENT_SECRET.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8912,
    show_default=True,
    help="Register http://localhost:PORT/ as the application's redirect URI.",
)
@click.option("--no-browser", is_flag=True, help="Only show the address to open.")
def main(
    *,
    host: str,
    client_id: str,
    client_secret: str,
    port: int,
    no_browser: bool,
) -> None:
    """Log in to Backlog by OAuth 2.0, and print the settings for tap-backlog."""
    try:
        credentials = {"client_id": client_id, "client_secret": client_secret}
        config = settings.cleaned(
            {"host": host, "oauth_credentials": {**credentials, "refresh_token": "-"}}
        )
        given = config["oauth_credentials"]
        filled_in = settings.with_defaults(config, settings.SETTINGS_SCHEMA)
        if problems := settings_check.problems(filled_in, settings.SETTINGS_SCHEMA):
            raise SettingsError(problems)
        tokens = log_in(
            base_url(config["host"]),
            Application(given["client_id"], given["client_secret"]),
            port,
            opens_browser=not no_browser,
        )
    except BacklogError as error:
        raise click.ClickException(str(error)) from None
    config["oauth_credentials"] = {**given, "refresh_token": tokens.refresh_token}
    click.echo("These are the settings for tap-backlog; keep them secret.", err=True)
    click.echo(json.dumps(config, indent=2, ensure_ascii=False))


def log_in(
    base_url: str,
    application: Application,
    port: int,
    *,
    opens_browser: bool,
) -> Tokens:
    """Return tokens, after a user has allowed the access in a browser.

    Args:
        base_url: Root of the API.
        application: The application that asks.
        port: Port on this machine to which the browser is redirected.
        opens_browser: Whether to open a browser here.

    Raises:
        BacklogError: Access was not allowed, or not in time.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    redirect_uri = f"http://localhost:{port}/"
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    root = base_url.removesuffix(API_PATH)
    with _open_desk(port, state) as desk:
        page = f"{root}/{_AUTHORIZE_PATH}?{urlencode(query)}"
        click.echo(f"Allow the access on this page:\n{page}", err=True)
        if opens_browser:
            webbrowser.open(page)
        code = desk.wait_for_code()
    session = open_session(base_url, USER_AGENT)
    redactor = Redactor([application.client_secret, code, verifier])
    endpoint = TokenEndpoint(base_url, session, application, redactor, _REQUEST_TIMEOUT)
    return within_limit(
        lambda: endpoint.ask(
            "authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )
    )


class _RedirectServer(HTTPServer):
    """Waits on this machine until the browser is redirected to it."""

    def __init__(self, port: int, state: str) -> None:
        super().__init__(("127.0.0.1", port), _RedirectHandler)
        self.timeout = 1.0
        self.state = state
        self.outcome: dict[str, str] = {}

    def wait_for_code(self) -> str:
        """Return the code that the browser brings.

        Raises:
            BacklogError: The access was refused, or the browser does not come.
        """
        deadline = time.monotonic() + _PATIENCE
        while not self.outcome:
            if time.monotonic() > deadline:
                message = f"Nobody allowed the access within {_PATIENCE:.0f} seconds."
                raise BacklogError(message)
            self.handle_request()
        if "code" not in self.outcome:
            why = Redactor().clean(self.outcome.get("error", "no reason given"))
            message = f"Backlog did not allow the access: {why}."
            raise BacklogError(message)
        return self.outcome["code"]


class _RedirectHandler(BaseHTTPRequestHandler):
    server: _RedirectServer
    timeout = 5
    """Seconds: a client that sends nothing must not block the server."""

    def do_GET(self) -> None:
        """Take the code, if this is the request that is waited for."""
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        is_ours = secrets.compare_digest(
            query.get("state", "").encode(), self.server.state.encode()
        )
        if url.path != "/" or not is_ours or not {"code", "error"} & query.keys():
            self.send_error(400, "This is not the visit that tap-backlog-login awaits")
            return
        self.server.outcome = query
        body = b"tap-backlog has what it needs. You may close this page."
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the request holds the code."""


def _open_desk(port: int, state: str) -> _RedirectServer:
    try:
        return _RedirectServer(port, state)
    except OSError as error:
        message = f"Port {port} cannot be used ({error.strerror}). Choose another --port."
        raise BacklogError(message) from None


if __name__ == "__main__":
    main()
