"""How the file is written, for any place and any owner."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sample_space import SampleServer, faults
from sample_space.wire.oauth import TOKEN_PATH
from tap_backlog.api import locked_file
from tap_backlog.errors import SettingsError
from tests.support import sync
from tests.token_file.taps import (
    Tap,
    check_that_the_file_still_works,
    on_posix,
    with_file,
)

Row = dict[str, Any]


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
    """Make replacing a file impossible."""
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
    """Whichever system call was the last that succeeded."""
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
    os.name == "nt" or os.geteuid() != 0, reason="only root may run for another user"
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
    """Return a place at which a single file can be mounted."""
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
