"""Runs a command under a filter of system calls, as systemd does: filter.py ALLOWED DENIED COMMAND..."""
import ctypes
import os
import subprocess
import sys

ACT_ERRNO_EPERM = 0x00050001
ACT_ALLOW = 0x7FFF0000


def expand(names):
    """The calls that these names stand for, of which some are sets."""
    calls = set()
    for name in names:
        if name.startswith("@"):
            command = ["systemd-analyze", "--no-pager", "syscall-filter", name]
            text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            lines = [line.strip() for line in text.splitlines()[1:]]
            calls |= expand([line for line in lines if line and not line.startswith("#")])
        else:
            calls.add(name)
    return calls


allowed, denied, command = sys.argv[1].split(), sys.argv[2].split(), sys.argv[3:]
# systemd allows @default always.
calls = (expand(allowed) - expand(denied)) | expand(["@default"])
library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
context = ctypes.c_void_p(library.seccomp_init(ACT_ERRNO_EPERM))
for call in calls:
    number = library.seccomp_syscall_resolve_name(call.encode())
    # Those of other processors have no number here.
    if number >= 0 and library.seccomp_rule_add(context, ACT_ALLOW, number, 0) != 0:
        sys.exit(f"cannot allow {call}")
if library.seccomp_load(context) != 0:
    sys.exit("cannot load the filter")
os.execvp(command[0], command)
