"""Refresh tokens that die with each renewal, whatever happens around one."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sample_space import Options, SampleServer, faults
from sample_space.wire.oauth import TOKEN_PATH
from tap_backlog import locked_file
from tap_backlog.errors import BacklogError, SettingsError
from tap_backlog.token_file import TokenFile, Tokens
from tests.support import run, select, sync
from tests.test_interrupts import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sample_space.wire.request import Request

Row = dict[str, Any]

on_posix = pytest.mark.skipif(os.name == "nt", reason="signals and locks of POSIX")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder / "tokens.json"


@pytest.fixture
def login(server: SampleServer, options: Options, file: Path) -> Row:
    """Return a config with OAuth credentials and a token file."""
    return {
        "host": server.url,
        "oauth_credentials": {
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "refresh_token": options.refresh_token,
            "token_file": str(file),
        },
    }


def with_file(login: Row, file: Path) -> Row:
    return {
        **login,
        "oauth_credentials": {**login["oauth_credentials"], "token_file": str(file)},
    }


class Tap:
    """The tap as a process of its own."""

    def __init__(
        self,
        folder: Path,
        config: Row,
        *streams: str,
        before: tuple[str, ...] = (),
        stdout: int = subprocess.PIPE,
    ) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "catalog.json").write_text(json.dumps(select(*streams)))
        self.process = subprocess.Popen(
            [
                *(*before, sys.executable, "-m", "tap_backlog"),
                *("--config", str(folder / "config.json")),
                *("--catalog", str(folder / "catalog.json")),
            ],
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def end(self) -> tuple[int, str]:
        """Return the exit code and the log."""
        _, stderr = self.process.communicate(timeout=60)
        assert "Traceback" not in stderr
        assert "Exception ignored" not in stderr
        return self.process.returncode, stderr

    def has_opened(self, file: Path) -> bool:
        """Whether it waits for the lock, which nobody else tells."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        if not folder.exists():
            time.sleep(5)
            return True
        with contextlib.suppress(FileNotFoundError):
            return any(fd.resolve() == file for fd in folder.iterdir())
        return False


def refresh_tokens_used(server: SampleServer) -> list[str]:
    return [r.form["refresh_token"] for r in server.requests if r.form]


def check_that_the_file_still_works(file: Path, server: SampleServer) -> None:
    kept = json.loads(file.read_text())
    kept = kept.get("oauth_credentials", kept)
    assert kept["refresh_token"] in server.oauth.refresh_tokens


def renew_elsewhere(login: Row, file: Path, server: SampleServer) -> None:
    """Renew the tokens as somebody who knows no lock."""
    text = file.read_text().strip() if file.exists() else ""
    kept = json.loads(text or "{}")
    form = {**login["oauth_credentials"], "grant_type": "refresh_token", **kept}
    renewed = json.loads(server.oauth.token(form).body)
    file.write_text(json.dumps({**kept, **renewed}))


@pytest.mark.parametrize("runs", [2, 4])
def test_runs_at_once_on_a_new_file_renew_once(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
    runs: int,
) -> None:
    server.faults = [faults.Fault(faults.stall(0.5), TOKEN_PATH, times=None)]
    taps = [Tap(tmp_path / str(n), login, "space") for n in range(runs)]
    assert [tap.end()[0] for tap in taps] == [0] * runs
    assert server.count(TOKEN_PATH) == 1


@pytest.mark.parametrize("ends_old_access", [False, True])
def test_runs_at_once_that_renew_again_and_again_use_no_token_twice(
    login: Row,
    server: SampleServer,
    options: Options,
    tmp_path: Path,
    ends_old_access: bool,  # noqa: FBT001
) -> None:
    options.token_lifetime = 0.6
    options.ends_old_access = ends_old_access
    server.before_answer = lambda _: time.sleep(0.1)
    taps = [Tap(tmp_path / str(n), login, "issues") for n in range(4)]
    ends = [tap.end() for tap in taps]
    assert [code for code, _ in ends] == [0] * 4, ends
    used = refresh_tokens_used(server)
    assert len(used) > 3
    assert len(set(used)) == len(used)


_HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a+")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock in another process until that is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(file)], stdout=subprocess.PIPE, encoding="utf-8"
    )
    assert process.stdout
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.communicate()


@on_posix
def test_nothing_is_asked_while_another_run_renews(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    holder: subprocess.Popen[str],
) -> None:
    tap = Tap(tmp_path / "tap", login, "space")
    wait_for(lambda: tap.has_opened(file))
    time.sleep(0.2)
    assert tap.process.poll() is None
    assert server.count() == 0
    renew_elsewhere(login, file, server)
    holder.kill()  # the lock ends with the process, however that ends
    assert tap.end()[0] == 0
    assert server.count(TOKEN_PATH) == 0


@on_posix
@pytest.mark.usefixtures("holder")
def test_a_signal_ends_the_wait_for_another_run(
    login: Row,
    file: Path,
    tmp_path: Path,
) -> None:
    tap = Tap(tmp_path / "tap", login, "space")
    wait_for(lambda: tap.has_opened(file))
    started = time.monotonic()
    tap.process.send_signal(signal.SIGTERM)
    assert tap.end()[0] == 128 + signal.SIGTERM
    assert time.monotonic() - started < 2


@on_posix
@pytest.mark.usefixtures("holder")
def test_a_run_that_never_frees_the_file_is_told(
    login: Row,
    server: SampleServer,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tap_backlog.oauth._LOCK_MARGIN", 0)
    with pytest.raises(BacklogError, match="kept locked by another run for 1 seconds"):
        sync({**login, "request_timeout": 1}, "space")
    assert waits
    assert server.count() == 0


@on_posix
@pytest.mark.parametrize("seconds", [0.8, 3.0], ids=["short", "beyond the patience"])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_does_not_cut_the_first_renewal(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    name: str,
    seconds: float,
) -> None:
    signum = getattr(signal, name)
    server.faults = [faults.Fault(faults.stall(seconds), TOKEN_PATH)]
    tap = Tap(tmp_path / "tap", login, "space")
    wait_for(lambda: server.count(TOKEN_PATH) > 0)
    tap.process.send_signal(signum)
    time.sleep(0.1)
    tap.process.send_signal(signum)
    assert tap.end()[0] == 128 + signum
    check_that_the_file_still_works(file, server)
    assert run(tmp_path, login).returncode == 0


def start_run_that_renews_in_the_background(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
    stdout: int = subprocess.PIPE,
) -> Tap:
    """Return a run whose token has run out, and is being renewed."""
    server.oauth.expiry_by_token["good"] = time.time() + 60

    def expire(request: Request) -> None:
        if request.path == "issues" and server.count("issues") == 2:
            server.oauth.expiry_by_token.clear()

    server.before_answer = expire
    server.faults = [faults.Fault(faults.stall(3), TOKEN_PATH)]
    login["oauth_credentials"]["access_token"] = "good"
    tap = Tap(tmp_path / "tap", login, "issues", stdout=stdout)
    wait_for(lambda: server.count(TOKEN_PATH) > 0)
    return tap


@on_posix
def test_a_signal_does_not_cut_a_renewal_in_the_background(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    tap = start_run_that_renews_in_the_background(login, server, tmp_path)
    tap.process.send_signal(signal.SIGTERM)
    assert tap.end()[0] == 128 + signal.SIGTERM
    check_that_the_file_still_works(file, server)


@on_posix
@pytest.mark.parametrize("then", [None, signal.SIGTERM])
def test_a_loader_that_dies_does_not_cut_a_renewal_in_the_background(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    then: int | None,
) -> None:
    read_end, write_end = os.pipe()
    tap = start_run_that_renews_in_the_background(login, server, tmp_path, write_end)
    os.close(write_end)
    os.close(read_end)
    if then:
        time.sleep(1)
        tap.process.send_signal(then)
    assert tap.end()[0] in {1, 128 + (then or 0)}
    check_that_the_file_still_works(file, server)


@on_posix
def test_a_full_disk_is_found_before_the_token_is_used_up(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
) -> None:
    limited = ("sh", "-c", 'ulimit -f 1; exec "$@"', "sh")
    code, stderr = Tap(tmp_path / "tap", login, "space", before=limited).end()
    assert code == 1
    assert "`oauth_credentials.token_file` cannot be written (File too large)" in stderr
    assert server.count() == 0
    assert not file.exists()


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("no/tokens.json", "cannot be written (No such file or directory)"),
        ("folder", "cannot be written (Is a directory)"),
        ("loop", "cannot be written (Too many levels of symbolic links)"),
        ("pipe", "cannot be written (it is not a regular file)"),
        ("readonly/tokens.json", "cannot be written (Permission denied)"),
        ("~nobody-here/tokens.json", "cannot be written (No such file or directory)"),
    ],
)
@on_posix
def test_a_file_that_cannot_be_written_ends_the_run_first(
    login: Row,
    server: SampleServer,
    tmp_path: Path,
    place: str,
    complaint: str,
) -> None:
    if place.startswith("readonly") and os.geteuid() == 0:
        pytest.skip("nothing is denied to root")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "readonly").mkdir(mode=0o500)
    path = place if place.startswith("~") else str(tmp_path / place)
    login["oauth_credentials"]["token_file"] = path
    with pytest.raises(SettingsError) as caught:
        sync(login, "space")
    assert f"`oauth_credentials.token_file` {complaint}" in str(caught.value)
    assert server.count() == 0


def test_a_refused_renewal_leaves_the_file_as_it_was(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    server.oauth.refresh_tokens.clear()
    with pytest.raises(BacklogError, match="invalid_grant"):
        sync(login, "space")
    assert not file.exists()
    file.write_text('{"refresh_token": "gone"}')
    with pytest.raises(BacklogError, match="invalid_grant"):
        sync(login, "space")
    assert file.read_text() == '{"refresh_token": "gone"}'


@pytest.mark.parametrize("is_due", [False, True])
def test_a_refused_refresh_token_is_looked_up_again(
    login: Row,
    file: Path,
    server: SampleServer,
    is_due: bool,  # noqa: FBT001
) -> None:
    def renew_first(request: Request) -> None:
        if request.path == TOKEN_PATH and server.count(TOKEN_PATH) == 1:
            renew_elsewhere(login, file, server)
            if is_due:
                kept = {**json.loads(file.read_text()), "expires_at": 1}
                file.write_text(json.dumps(kept))

    server.before_answer = renew_first
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == (2 if is_due else 1)
    check_that_the_file_still_works(file, server)


def test_a_new_access_token_that_is_refused_is_looked_up_again(
    login: Row,
    file: Path,
    server: SampleServer,
    options: Options,
) -> None:
    options.ends_old_access = True

    def renew_too(request: Request) -> None:
        if request.path != TOKEN_PATH and server.count() == 2:
            renew_elsewhere(login, file, server)

    server.before_answer = renew_too
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 1


def test_the_file_is_free_while_the_rate_limit_is_waited_out(
    login: Row,
    file: Path,
    server: SampleServer,
    options: Options,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options.rotates_tokens = False
    server.faults = [faults.Fault(faults.too_many(), TOKEN_PATH)]

    def renew_meanwhile(_: float) -> None:
        if not file.exists():
            with locked_file.locked(file, 0):
                renew_elsewhere(login, file, server)

    monkeypatch.setattr(time, "sleep", renew_meanwhile)
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 1


def test_tokens_of_a_newer_login_are_taken_and_stay_marked_as_such(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    server.oauth.refresh_tokens.add("new")
    newer = {**login, "oauth_credentials": {**login["oauth_credentials"]}}
    newer["oauth_credentials"]["refresh_token"] = "new"

    def log_in_anew(request: Request) -> None:
        if request.path == "projects" and server.count("projects") == 1:
            kept = TokenFile(str(file), "new")
            with kept.locked(0):
                kept.write(Tokens("new"))
            server.oauth.expiry_by_token.clear()

    server.before_answer = log_in_anew
    sync(login, "projects")
    server.oauth.expiry_by_token.clear()
    sync(newer, "space")
    used = refresh_tokens_used(server)
    assert used[1] == "new"
    assert len(used) == len(set(used)) == 3


def test_an_empty_file_is_filled(login: Row, file: Path, server: SampleServer) -> None:
    file.touch(mode=0o640)
    sync(login, "space")
    check_that_the_file_still_works(file, server)


def test_tokens_that_nobody_could_send_do_not_count(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    file.write_text(json.dumps({"refresh_token": "a\nb", "access_token": "c"}))
    assert sync(login, "space").by_stream["space"]
    file.write_text(
        json.dumps({**json.loads(file.read_text()), "access_token": "\ud83d"})
    )
    assert sync(login, "space").by_stream["space"]
    assert server.count(TOKEN_PATH) == 2


def test_a_config_file_keeps_all_else_that_it_holds(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    more = {"user_agent": "\u6771\u4eac \ud83d", "project_keys": ["WEB"]}
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({**login, **more}).encode())
    sync(login, "space")
    check_that_the_file_still_works(file, server)
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert {name: kept[name] for name in more} == more
    assert kept["oauth_credentials"]["client_id"] == "sample-client"


def forbid(number: int) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture(
    params=[
        ("os.replace", errno.EBUSY),
        ("os.replace", errno.EXDEV),
        ("os.replace", errno.EPERM),
        ("os.replace", errno.EACCES),
        ("tempfile.mkstemp", errno.EACCES),
        ("tempfile.mkstemp", errno.EROFS),
        ("tempfile.mkstemp", errno.ENOSPC),
    ],
    ids=lambda param: f"{param[0]} {errno.errorcode[param[1]]}",
)
def in_place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file be replaced."""
    name, number = request.param
    if name == "os.replace":
        monkeypatch.setattr(Path, "replace", forbid(number))
    else:
        monkeypatch.setattr(name, forbid(number))


@on_posix
@pytest.mark.usefixtures("in_place")
def test_a_file_that_cannot_be_replaced_is_written_in_place(
    login: Row,
    file: Path,
    server: SampleServer,
) -> None:
    file.write_text(json.dumps({"access_token": "x" * 6000, "origin": "older"}))
    file.chmod(0o660)
    inode = file.stat().st_ino
    for _ in range(3):
        sync(login, "space")
        check_that_the_file_still_works(file, server)
        server.oauth.expiry_by_token.clear()
    assert (file.stat().st_ino, stat.S_IMODE(file.stat().st_mode)) == (inode, 0o660)
    assert [path.name for path in file.parent.iterdir()] == ["tokens.json"]
    assert file.read_text().endswith("}\n")
    assert file.stat().st_size < 1000


@pytest.mark.parametrize("old", ["{}", json.dumps({"a": "x" * 9000})])
def test_a_run_that_is_killed_while_it_writes_leaves_a_file_that_can_be_read(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
) -> None:
    """Whatever the last call of the system was that still came through."""
    monkeypatch.setattr(Path, "replace", forbid(errno.EBUSY))
    monkeypatch.setattr(os, "ftruncate", forbid(errno.EIO))
    new = json.dumps({"b": "y" * 5000})
    file.write_text(old)
    with locked_file.locked(file, 0) as opened:
        opened.reserve()
        assert json.loads(file.read_text()) == json.loads(old)
        opened.write(new.encode())
    assert json.loads(file.read_text()) == json.loads(new)


@on_posix
def test_links_stay_links(login: Row, file: Path, server: SampleServer) -> None:
    link, twin = file.with_name("link"), file.with_name("twin")
    file.touch()
    link.symlink_to(file.name)
    twin.hardlink_to(file)
    sync(with_file(login, link), "space")
    assert link.is_symlink()
    assert twin.read_text() == file.read_text()
    check_that_the_file_still_works(file, server)


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root may run for somebody else"
)
def test_a_file_stays_its_owners(login: Row, file: Path, server: SampleServer) -> None:
    file.touch()
    os.chown(file, 12345, 54321)
    sync(login, "space")
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 54321)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    check_that_the_file_still_works(file, server)


def _can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    probe = ["unshare", "-rm", "mount", "--bind", "/tmp", "/tmp"]  # noqa: S108
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


needs_mounts = pytest.mark.skipif(not _can_mount(), reason="needs the right to mount")

_MOUNT = 'mount --bind "$1" "$2"; shift 2; eval "$1"; shift; exec "$@"'


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """Return a place at which a file can be mounted alone."""
    place = tmp_path / "mounted.json"
    place.touch()
    return place


def run_in_container(
    tmp_path: Path,
    login: Row,
    file: Path,
    mounted: Path,
    first: str = "",
) -> Tap:
    before = ("unshare", "-rm", "sh", "-ec", _MOUNT, "sh", str(file), str(mounted), first)
    return Tap(tmp_path / mounted.stem, with_file(login, mounted), "space", before=before)


@needs_mounts
def test_runs_in_containers_share_a_file_that_is_mounted_alone(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    mounted: Path,
) -> None:
    file.touch()
    other = tmp_path / "other.json"
    other.touch()
    server.faults = [faults.Fault(faults.stall(0.5), TOKEN_PATH)]
    taps = [run_in_container(tmp_path, login, file, m) for m in (mounted, other)]
    assert [tap.end()[0] for tap in taps] == [0, 0]
    assert server.count(TOKEN_PATH) == 1
    check_that_the_file_still_works(file, server)
    assert mounted.read_text() == ""


@needs_mounts
def test_a_mounted_file_that_was_replaced_outside_is_told(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    mounted: Path,
) -> None:
    file.touch()
    replace = f"touch {file}.new; mv {file}.new {file}"
    code, stderr = run_in_container(tmp_path, login, file, mounted, replace).end()
    assert code == 1
    assert "mount its folder" in stderr
    assert server.count() == 0


@needs_mounts
def test_a_file_that_is_mounted_read_only_is_found_first(
    login: Row,
    file: Path,
    server: SampleServer,
    tmp_path: Path,
    mounted: Path,
) -> None:
    file.touch()
    again = f"mount -o remount,bind,ro {mounted}"
    code, stderr = run_in_container(tmp_path, login, file, mounted, again).end()
    assert code == 1
    assert "cannot be written (Read-only file system)" in stderr
    assert server.count() == 0
