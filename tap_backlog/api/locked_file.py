"""A small file that several runs share: locked, and never half written.

The lock is on the file itself: two containers that mount the same file share nothing
else. It ends with the process, even if the process is killed.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOM = 4096
"""Bytes by which new content may be longer than the old content."""

_PAUSE = 0.02
"""Seconds between two attempts to get the lock."""

_BEYOND_THE_END = 1 << 30
"""Where the lock is on Windows: others cannot read the bytes that it locks."""

_LOCKED_ELSEWHERE = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}
_NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}

logger = logging.getLogger("tap-backlog.locked-file")


class KeptLockedError(Exception):
    """Another run has not released the file in time."""


class LockedFile:
    """A file that no other run reads or writes now; see :func:`locked`.

    Args:
        path: The file; not a link to it.
        descriptor: The file, open for reading and writing.
        is_new: Whether this run has created it.
    """

    def __init__(self, path: Path, descriptor: int, *, is_new: bool) -> None:
        self._path = path
        self._descriptor = descriptor
        self._is_new = is_new
        self._size_before: int | None = None

    def reserve(self) -> None:
        """Make sure that the file can be written, and that the disk has space.

        Spaces are added at the end. Every JSON parser ignores them, so the content stays
        the same, even if the process is killed now.

        Raises:
            OSError: It cannot be written.
        """
        self._size_before = os.fstat(self._descriptor).st_size
        os.lseek(self._descriptor, 0, os.SEEK_END)
        self._write_out(b" " * _ROOM)

    def write(self, content: bytes) -> None:
        """Write new content, in one step if the file can be replaced.

        It cannot be replaced if it is mounted as a single file, or if its folder is not
        writable. Then it is written in place.

        Args:
            content: The whole new content.

        Raises:
            OSError: It cannot be written.
        """
        self._size_before = None
        if not self._is_replaced_by(content):
            self._overwrite(content)

    def close(self) -> None:
        """Remove added spaces and an empty new file; release the file for others."""
        with contextlib.suppress(OSError):
            if self._size_before is not None and self._ends_with_room():
                os.ftruncate(self._descriptor, self._size_before)
            if self._is_new and os.fstat(self._descriptor).st_size == 0:
                self._path.unlink()
        os.close(self._descriptor)

    def _ends_with_room(self) -> bool:
        """Whether the file still ends with the spaces that `reserve` added.

        A program that ignores the lock may have written it since then.
        """
        room = os.fstat(self._descriptor).st_size - (self._size_before or 0)
        if not 0 <= room <= _ROOM:
            return False
        os.lseek(self._descriptor, -room, os.SEEK_END)
        return not os.read(self._descriptor, room).strip(b" ")

    def _is_replaced_by(self, content: bytes) -> bool:
        """Put a new file in its place: a reader finds the old content or the new."""
        old = os.fstat(self._descriptor)
        if sys.platform == "win32" or old.st_nlink > 1:
            # Windows cannot replace an open file, and other hard links would keep the old
            # one.
            return False
        try:
            # mkstemp creates files that only their owner may read.
            handle, name = tempfile.mkstemp(
                dir=self._path.parent, prefix=f".{self._path.name}."
            )
        except OSError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                _give_to_owner_of(old, handle)
                file.write(content)
                file.flush()
                os.fsync(handle)
            Path(name).replace(self._path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            return False
        _sync_folder(self._path.parent)
        return True

    def _overwrite(self, content: bytes) -> None:
        """Write the file in place; only a crash of the machine can leave it half written.

        One write covers all of the old content; the spaces at the end are then cut off.
        """
        old_size = os.fstat(self._descriptor).st_size
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._write_out(content.ljust(old_size))
        with contextlib.suppress(OSError):  # spaces at the end are harmless
            os.ftruncate(self._descriptor, len(content))

    def _write_out(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fsync(self._descriptor)


@contextlib.contextmanager
def locked(path: Path, patience: float) -> Iterator[LockedFile]:
    """Open a file for this run only; it is created if it does not exist.

    Args:
        path: The file; not a link to it.
        patience: Seconds to wait until another run releases it.

    Raises:
        OSError: The file cannot be opened for writing.
        KeptLockedError: Another run has not released it.
    """
    file = _open_locked(path, time.monotonic() + patience)
    try:
        yield file
    finally:
        file.close()


def _open_locked(path: Path, deadline: float) -> LockedFile:
    while True:
        descriptor, is_new = _open(path)
        try:
            _lock(descriptor, deadline)
            if _is_still_at(path, descriptor):
                return LockedFile(path, descriptor, is_new=is_new)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # another run has replaced it in the meantime


def _open(path: Path) -> tuple[int, bool]:
    """Return an open file, and whether it was created now."""
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    while True:
        try:
            return os.open(path, flags), False
        except FileNotFoundError:
            # Not with O_CREAT in the first attempt: in /tmp, Linux does not let a user
            # open the file of another user with O_CREAT.
            with contextlib.suppress(FileExistsError):
                return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600), True


def _is_still_at(path: Path, descriptor: int) -> bool:
    """Whether a path still names an open file.

    Raises:
        OSError: The file cannot keep anything.
    """
    opened = os.fstat(descriptor)
    if not stat.S_ISREG(opened.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    try:
        is_same = os.path.samestat(opened, path.stat())
    except FileNotFoundError:
        return False
    if is_same and opened.st_nlink == 0:
        # A file that is mounted alone stays the old file if it is replaced outside the
        # container.
        words = (
            "it was replaced outside of this container; restart it, or mount its folder"
        )
        raise OSError(errno.ESTALE, words)
    return is_same


def _lock(descriptor: int, deadline: float) -> None:
    while True:
        try:
            _try_to_lock(descriptor)
        except OSError as error:
            if error.errno in _NO_LOCKS_HERE:
                logger.warning(
                    "`oauth_credentials.token_file` lies on a file system without locks. "
                    "Do not let two runs use it at once."
                )
                return
            if error.errno not in _LOCKED_ELSEWHERE:
                raise
        else:
            return
        if time.monotonic() > deadline:
            raise KeptLockedError
        time.sleep(_PAUSE)


if sys.platform == "win32":

    def _try_to_lock(descriptor: int) -> None:
        os.lseek(descriptor, _BEYOND_THE_END, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _give_to_owner_of(old: os.stat_result, descriptor: int) -> None:
        pass

    def _sync_folder(folder: Path) -> None:
        pass

else:

    def _try_to_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give_to_owner_of(old: os.stat_result, descriptor: int) -> None:
        """Give the new file the owner of the old one, if another user runs this."""
        new = os.fstat(descriptor)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            os.fchown(descriptor, old.st_uid, old.st_gid)

    def _sync_folder(folder: Path) -> None:
        """Flush the replacement to disk; not every file system supports that."""
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
