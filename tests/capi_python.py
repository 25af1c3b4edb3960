# SPDX-License-Identifier: MIT
"""The C interface from Python: one primary, one secondary in the same process, one application.

capi_python.py LIBRARY LINKEDHOLDER
"""

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class UniqueProcess(ctypes.Structure):
    _fields_ = [
        ("process_id", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
        ("process_start_time", ctypes.c_uint64),
    ]


class ProcessInfo(ctypes.Structure):
    _fields_ = [
        ("process", UniqueProcess),
        ("app_name", ctypes.c_char * (256 * 4)),
        ("service_short_name", ctypes.c_char * (64 * 4)),
        ("application_type", ctypes.c_uint32),
        ("app_status", ctypes.c_uint32),
        ("ts_session_id", ctypes.c_int32),
        ("restartable", ctypes.c_int32),
    ]


def expect(what, found, wanted):
    print(f"{'ok' if found == wanted else 'FAILED'}: {what}", flush=True)
    if found != wanted:
        sys.exit(f"   {found!r} is not {wanted!r}")


def main():
    library, holder = sys.argv[1:]
    folder = Path(tempfile.mkdtemp(prefix="entracte-python."))
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    rm = ctypes.CDLL(library)

    file = folder / "held"
    file.write_text("bytes")
    log = folder / "log"
    command = [holder, log, "--open", file, "--answer", "yes", "--name", "Füller"]
    command += ["--restart-with", log, "again"]
    # Python is not sanitized and has the runtime preloaded; the application has its own.
    plain = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=plain) as application:
        application.stdout.readline()

        key = ctypes.create_string_buffer(33)
        primary, secondary = ctypes.c_uint32(), ctypes.c_uint32()
        expect("start", rm.rm_start_session(ctypes.byref(primary), 0, key), 0)
        expect("the key has 32 digits", len(key.value), 32)
        expect("join", rm.rm_join_session(ctypes.byref(secondary), key), 0)
        files = (ctypes.c_char_p * 1)(os.fsencode(file))
        expect("register", rm.rm_register_resources(secondary, 1, files, 0, None, 0, None), 0)
        expect("leave", rm.rm_end_session(secondary), 0)

        needed, count, reasons = ctypes.c_uint32(), ctypes.c_uint32(0), ctypes.c_uint32()
        counters = ctypes.byref(needed), ctypes.byref(count)
        code = rm.rm_get_list(primary, *counters, None, ctypes.byref(reasons))
        expect("no room", (code, needed.value, count.value), (234, 1, 0))
        entries = (ProcessInfo * 4)()
        count.value = 4
        code = rm.rm_get_list(primary, *counters, entries, ctypes.byref(reasons))
        expect("list", (code, needed.value, count.value, reasons.value), (0, 1, 1, 0))
        entry = entries[0]
        expect("the pid", entry.process.process_id, application.pid)
        expect("the name", entry.app_name.decode(), "Füller")
        expect("restartable", (entry.app_status, entry.restartable), (1, 1))

        seen = []
        callback = ctypes.CFUNCTYPE(None, ctypes.c_uint32)(seen.append)
        expect("shutdown", rm.rm_shutdown(primary, 0, callback), 0)
        expect("progress rises to 100", seen, sorted(set(seen)) if seen[-1] == 100 else None)
        expect("it has ended", application.wait(10), 0)
    expect("restart", rm.rm_restart(primary, 0, None), 0)
    deadline = time.monotonic() + 30
    while log.read_text().count("started ") < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    again = log.read_text().splitlines()[-1]
    expect("it is back as it said", again.split()[0] + again.split()[2], "startedagain")
    os.kill(int(again.split()[1]), 9)
    expect("end", rm.rm_end_session(primary), 0)
    expect("nothing is left", os.listdir(folder / "entracte" / "sessions"), [])


main()
