#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program that writes down what it has from its starter, and waits for SIGTERM.

  selfreport.py --become SETTINGS   changes itself as the JSON object says, then runs the other form
  selfreport.py REPORT [WORD…]      writes REPORT, one "property<TAB>value" a line

It reads the system by itself and shares no code with what brings it back. SETTINGS: program, arguments,
environment, directory, deleteDirectory, uid, gid, groups, umask, niceness, ioPriority, processors, limits
(by name), oomAdjustment, noNewPrivileges, hold (a file), and what cannot be brought back:
filterSystemCalls, effectiveUid, memory. With the variable OWN_ROOT its root is the folder of the report.
"""
import ctypes
import json
import os
import resource
import signal
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
IOPRIO_SET, IOPRIO_GET = {"x86_64": (251, 252), "aarch64": (30, 31)}[os.uname().machine]
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
LIMITS = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))


def checked(reply):
    if reply < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return reply


def control_process(option, argument):
    checked(LIBC.prctl(option, argument, 0, 0, 0))


def filter_system_calls():
    """Allows everything, but filters."""
    control_process(PR_SET_NO_NEW_PRIVS, 1)
    allow = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000))
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(allow))
    checked(LIBC.prctl(PR_SET_SECCOMP, 2, ctypes.create_string_buffer(program), 0, 0))


def in_memory(program):
    copy = os.memfd_create("program", 0)
    with open(program, "rb") as file:
        os.sendfile(copy, file.fileno(), 0, os.fstat(file.fileno()).st_size)
    return f"/proc/self/fd/{copy}"


def become(wanted):
    os.umask(wanted.get("umask", 0o022))
    if "hold" in wanted:
        os.set_inheritable(os.open(wanted["hold"], os.O_RDONLY), True)
    if "oomAdjustment" in wanted:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(wanted["oomAdjustment"]))
    if "processors" in wanted:
        os.sched_setaffinity(0, wanted["processors"])
    if "ioPriority" in wanted:
        checked(LIBC.syscall(IOPRIO_SET, 1, 0, wanted["ioPriority"]))
    os.nice(wanted.get("niceness", 0))
    for name, limit in wanted.get("limits", {}).items():
        resource.setrlimit(getattr(resource, name), limit)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    if "uid" in wanted:
        os.setgroups(wanted["groups"])
        os.setresgid(*[wanted["gid"]] * 3)
        os.setresuid(*[wanted["uid"]] * 3)
    if "effectiveUid" in wanted:
        os.setresuid(wanted["effectiveUid"], 0, 0)
    os.chdir(wanted.get("directory", "/"))
    if wanted.get("deleteDirectory"):
        os.rmdir(wanted["directory"])
    if wanted.get("noNewPrivileges"):
        control_process(PR_SET_NO_NEW_PRIVS, 1)
    program = wanted.get("program", "/usr/bin/python3")
    if wanted.get("filterSystemCalls"):
        filter_system_calls()
    if wanted.get("memory"):
        program = in_memory(program)
    os.execve(program, wanted["arguments"], wanted["environment"])


def read(path):
    with open(path, "rb") as file:
        return file.read()


def status(field):
    line = next(one for one in read("/proc/self/status").splitlines() if one.startswith(field))
    return line.split(b":", 1)[1].strip()


def open_files():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            pass  # the folder that was listed
    return found


def properties():
    files = open_files()
    yield "user", os.getresuid()
    yield "groups", (os.getresgid(), os.getgroups())
    mask = os.umask(0)
    os.umask(mask)
    yield "umask", oct(mask)
    yield "niceness", os.getpriority(os.PRIO_PROCESS, 0)
    yield "I/O priority", hex(checked(LIBC.syscall(IOPRIO_GET, 1, 0)))
    yield "processors", sorted(os.sched_getaffinity(0))
    for name in LIMITS:
        yield "limit " + name[len("RLIMIT_"):].lower(), resource.getrlimit(getattr(resource, name))
    yield "out-of-memory adjustment", int(read("/proc/self/oom_score_adj"))
    yield "no new privileges", int(status(b"NoNewPrivs"))
    yield "capabilities", status(b"CapEff")
    yield "program", os.readlink("/proc/self/exe")
    yield "working directory", os.readlink("/proc/self/cwd")
    for number, word in enumerate(read("/proc/self/cmdline").split(b"\0")[:-1]):
        yield f"argument {number}", word
    for line in sorted(read("/proc/self/environ").split(b"\0")[:-1]):
        name, value = line.split(b"=", 1)
        yield "environment " + name.decode(), value
    yield "streams", [files.pop(number, "closed") for number in range(3)]
    yield "other files", sorted(files.values())
    yield "ignored signals", int(status(b"SigIgn"), 16) & ~(1 << signal.SIGPIPE - 1)
    yield "blocked signals", int(status(b"SigBlk"), 16)
    yield "leads its session", os.getsid(0) == os.getpid()


def report(path):
    lines = [f"{name}\t{value!r}\n" for name, value in properties()]
    if "OWN_ROOT" in os.environ:
        os.chroot(os.path.dirname(path))
        path = "/" + os.path.basename(path)
    with open(path + ".new", "w") as file:
        file.writelines(lines)
    os.rename(path + ".new", path)


def main():
    if sys.argv[1] == "--become":
        become(json.loads(sys.argv[2]))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    report(sys.argv[1])
    while True:
        signal.pause()


main()
