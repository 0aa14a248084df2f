"""A rename that never overwrites: `rename(2)` alone replaces what is there without a word."""

from __future__ import annotations

import ctypes
import errno
import os

_RENAME_NOREPLACE = 1
_NOT_OFFERED = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
_libc = ctypes.CDLL(None, use_errno=True)


def rename_exclusive(source: int, name: bytes, target: int, new_name: bytes) -> None:
    """Rename `name` in the folder `source` to `new_name` in the folder `target`; both are open descriptors.

    Raises FileExistsError if `new_name` is there, FileNotFoundError if `name` is not, OSError as rename(2) does.
    On file systems without RENAME_NOREPLACE (NFS) it is a look and then a rename: `target` must then be a folder
    that nobody else writes to. link(2) and unlink(2) would need no such folder, but a crash between the two
    leaves the file in both places, and it would be taken twice.
    """
    code = _renameat2(source, name, target, new_name)
    if code == 0:
        return
    if code not in _NOT_OFFERED:
        raise OSError(code, os.strerror(code))
    try:
        os.stat(new_name, dir_fd=target, follow_symlinks=False)
    except FileNotFoundError:
        os.rename(name, new_name, src_dir_fd=source, dst_dir_fd=target)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))


def _renameat2(source: int, name: bytes, target: int, new_name: bytes) -> int:
    """The errno of renameat2(2) with RENAME_NOREPLACE, 0 for success."""
    if not hasattr(_libc, "renameat2"):
        return errno.ENOSYS
    failed = _libc.renameat2(source, name, target, new_name, _RENAME_NOREPLACE)
    return ctypes.get_errno() if failed else 0
