# SPDX-License-Identifier: MIT
"""What every suite of benchmarks needs: time a command, wait for a quiet machine, compare trees, medians."""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

UNAVAILABLE = 3  # the status of a driver whose framework cannot do that yet


class NotMeasured(Exception):
    """Why there is no figure."""


@dataclass
class Sample:
    """One run of one command."""

    wall: float
    cpu: float
    report: dict = field(default_factory=dict)  # what a driver printed
    printed: str = ""  # what it wrote, complaints last

    def phase(self, *names):
        """The seconds of these phases together."""
        missing = [name for name in names if name not in self.report]
        if missing:
            raise NotMeasured(f"the driver did not report {', '.join(missing)}")
        return sum(self.report[name] for name in names) / 1e6


def run(command, cwd=None, watch=None, accepted=(0,), mixed=False):
    """The Sample of a command that ended with an `accepted` status; NotMeasured says what went wrong.

    `mixed`: what it says on both ways is kept in the order in which it was said.
    """
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=out if mixed else err)
        except OSError as error:
            raise NotMeasured(f"{command[0]} cannot be started: {error.strerror}") from error
        if watch:
            watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        printed, complaint = out.read().decode(errors="replace"), err.read().decode(errors="replace")

    name = Path(command[0]).name
    report = {}
    if printed.startswith("{"):
        report = json.loads(printed)
    if process.returncode == UNAVAILABLE and "unavailable" in report:
        raise NotMeasured(report["unavailable"])
    if process.returncode not in accepted:
        last = (complaint.strip() or printed.strip() or "it said nothing").splitlines()[-1]
        raise NotMeasured(f"{name} failed with status {process.returncode}: {last}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, report, printed + complaint)


class AnonymousPeak:
    """The most anonymous memory that was seen of a process, looked at every few milliseconds: a lower bound."""

    def __init__(self, pause=0.003):
        self.kib, self.pause, self.thread = 0, pause, None

    def __call__(self, pid):
        self.thread = threading.Thread(target=self.look, args=(pid,), daemon=True)
        self.thread.start()

    def look(self, pid):
        try:
            while True:
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Anonymous:"):
                        self.kib = max(self.kib, int(line.split()[1]))
                time.sleep(self.pause)
        except OSError:
            return  # it has ended


def busy_share(seconds):
    """The share of all processors that is used, while we do nothing."""
    def ticks():
        values = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(values), values[3] + values[4]

    before = ticks()
    time.sleep(seconds)
    after = ticks()
    total = after[0] - before[0]
    return 1 - (after[1] - before[1]) / total if total else 0.0


def wait_until_quiet(patience):
    """True once others leave the machine alone; False if they do not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while busy_share(0.3) > 0.15:
        if time.monotonic() > deadline:
            return False
    return True


def tree_of(directory, skip=()):
    """path → entry of everything below, without the top-level names in `skip`."""
    found = {}
    pending = [Path(directory)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                path = os.path.relpath(entry.path, directory)
                if path in skip:
                    continue
                found[path] = entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
    return found


def same_bytes(first, second, block=1024 * 1024):
    with open(first, "rb", buffering=0) as one, open(second, "rb", buffering=0) as other:
        if os.fstat(one.fileno()).st_size != os.fstat(other.fileno()).st_size:
            return False
        while bytes_of_one := one.read(block):
            if bytes_of_one != other.read(block):
                return False
    return True


def difference(expected, actual, skip=(), modes=False):
    """In which way a tree is not what it should be; None if it is. Times do not count."""
    wanted, found = tree_of(expected), tree_of(actual, skip)
    for path in sorted(wanted.keys() ^ found.keys()):
        return f"{path} is {'missing' if path in wanted else 'too much'}"
    for path, want in sorted(wanted.items()):
        have = found[path]
        kinds = [(entry.is_symlink(), entry.is_dir(follow_symlinks=False)) for entry in (want, have)]
        if kinds[0] != kinds[1]:
            return f"{path} is of another kind"
        if want.is_symlink():
            if os.readlink(want.path) != os.readlink(have.path):
                return f"{path} points elsewhere"
            continue
        if modes and want.stat().st_mode != have.stat().st_mode:
            return f"{path} has another mode"
        if want.is_file() and not same_bytes(want.path, have.path):
            return f"{path} has other bytes"
    return None


def remove(path):
    subprocess.run(["rm", "-rf", str(path)], check=True)


def sync(path):
    """Returns when the file system of a path has written everything."""
    subprocess.run(["sync", "-f", str(path)], check=True)


def file_system_of(path):
    found = subprocess.run(["stat", "-f", "-c", "%T", str(path)], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def free_bytes(path):
    room = os.statvfs(path)
    available = room.f_bavail * room.f_frsize
    if file_system_of(path) == "tmpfs":
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                available = min(available, int(line.split()[1]) * 1024 * 2 // 3)
    return available


def add_runners_options(parser):
    """What `run` asks a suite for, or tells it."""
    parser.add_argument("--programs", default="build/release/tests/benchmarks", help=argparse.SUPPRESS)
    parser.add_argument("--list-packages", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--list-targets", action="store_true", help=argparse.SUPPRESS)


def has_listed(chosen, packages, targets):
    """True if only a list was wanted, which is printed then."""
    if chosen.list_packages or chosen.list_targets:
        print("\n".join(packages if chosen.list_packages else targets))
    return chosen.list_packages or chosen.list_targets


def median(values):
    return statistics.median(values)
