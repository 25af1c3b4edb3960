# SPDX-License-Identifier: MIT
"""How fast, how small and how brief is the payload engine, beside those who do the same work?

Started by `run payload`. Prints every figure with its goal and its floor, and whether it is met. A figure that
could not be taken says why and counts as missed. README.md tells how to read it.
"""

import argparse
import os

import signal
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import measuring
import payloads
from measuring import NotMeasured, median, run

PACKAGES = ["zip", "unzip", "p7zip-full", "libarchive-tools", "libarchive-dev", "e2fsprogs"]
TARGETS = ["payloaddriver", "gapdriver", "libarchiveextract", "quazipextract", "floor"]

PLACES = ("tmpfs", "disk")
PAYLOADS = ("small", "mixed", "large")
COMMITS = 15
ONLY_FULL = "only in the full run"

# --- the goals ---------------------------------------------------------------------------------------------
# Ratios of wall time within one round, but where a unit is named. The floor of a figure is what peers/floor.c,
# which unpacks, links and removes the same names and does nothing else, reaches in the same rounds.

PEERS = {  # step → (what it is, goal by payload)
    "unzip": ("unzip", {"small": 0.24, "mixed": 0.18, "large": 0.18}),
    "7z": ("7z x", {"small": 0.25, "mixed": 0.25, "large": 0.25}),
    "bsdtar": ("bsdtar -x", {"small": 0.30, "mixed": 0.30, "large": 0.30}),
    "ifw": ("libarchive as Qt IFW", {"small": 0.30, "mixed": 0.30, "large": 0.30}),
    "qfile": ("libarchive to QFile", {"small": 0.30, "mixed": 0.30, "large": 0.30}),
    "jlcompress": ("JlCompress (QuaZip)", {"small": 0.20, "mixed": 0.25, "large": 0.25}),
    "cp": ("cp -r", {"small": 1.0, "mixed": 1.0, "large": 2.0}),
}
DIGEST = 1.35
DURABLE = 0.5
UPDATE = {"small": 0.5, "mixed": 0.2, "large": 0.05}
REMOVAL = 1.5
COMMIT = 1.5
GAP_BASE, GAP_PER_FILE = 0.020, 0.000_010  # seconds
MEMORY = 64  # MiB
PACKING, PACKED_SIZE = 0.35, 1.0


@dataclass
class Figure:
    topic: str
    payload: str
    place: str
    label: str
    goal: float
    steps: tuple = ()  # that must have been run
    floor: Optional[float] = None
    unit: str = ""
    value: Optional[float] = None
    values: tuple = ()
    notes: str = ""
    reason: str = "it was not reached"

    def take(self, values, middle=None):
        self.values = tuple(values)
        self.value = median(values) if middle is None else middle

    @property
    def is_met(self):
        return self.value is not None and self.value <= self.goal


def all_figures():
    figures = []

    def add(*arguments, **named):
        figures.append(Figure(*arguments, **named))

    for place in PLACES:
        for payload in PAYLOADS:
            for peer, (title, goals) in PEERS.items():
                add(peer, payload, place, f"wall / {title}", goals[payload], (peer, "plain", "install", "floor unpack"))
            add("digest", payload, place, "with SHA-256 / without", DIGEST,
                ("undigested", "install", "floor unpack", "floor digest"))
            if place == "disk":
                add("durable", payload, place, "staged, synced, committed / unzip; sync", DURABLE,
                    ("unzip+sync", "install"))
            add("update", payload, place, "update of 1 % / installation", UPDATE[payload], ("update", "floor update"))
            if payload == "small":
                add("removal", payload, place, "removal / rm -rf", REMOVAL, ("rm", "remove", "floor remove"))
            if place == "tmpfs":
                add("packing", payload, place, "packing / zip -6", PACKING, ("zip", "pack"))
                add("packing", payload, place, "size / zip -6", PACKED_SIZE, ("zip", "pack"))
                add("memory", payload, place, "peak anonymous memory", MEMORY, unit=" MiB")
    for place in PLACES:
        add("commit", "small", place, "commit of many files / of 20", COMMIT)
        add("gap", "small", place, "gap / (20 ms + 10 µs a file)", 1.0)
    add("memory", "huge", "tmpfs", "peak anonymous memory, one 4 GB entry", MEMORY, unit=" MiB")
    return figures


# --- what is run -------------------------------------------------------------------------------------------

# Chains of steps: each leaves what the next one works on.
CHAINS = (
    ("unzip", "rm"), ("unzip+sync",), ("7z",), ("bsdtar",), ("ifw",), ("qfile",), ("jlcompress",), ("cp",),
    ("plain",), ("undigested",), ("install", "update", "remove"), ("floor", "floor update", "floor remove"),
    ("floor unpack",), ("floor digest",),
    ("zip",), ("pack",),
)
OURS = ("plain", "undigested", "install", "update", "remove")


def floor_list(tree, before, archive=None):
    """The records that peers/floor.c reads: a tree, and which of its files are the same in the version before; in the
    order of an archive, if one is given."""
    records = []
    held = Counter(path.rpartition("/")[0] for path, entry in measuring.tree_of(tree).items()
                   if not entry.is_dir(follow_symlinks=False))
    for path, entry in measuring.tree_of(tree).items():
        mode, old = entry.stat(follow_symlinks=False).st_mode & 0o777, before / path
        kind = "d" if entry.is_dir(follow_symlinks=False) else "l" if entry.is_symlink() else "f"
        if kind == "f" and tree != before and old.is_file() and measuring.same_bytes(entry.path, old):
            kind = "k"
        size = entry.stat().st_size if kind in "fk" else held[path] if kind == "d" else 0
        folder, _, name = path.rpartition("/")
        place = (path.count("/"), path) if kind == "d" else (folder.count("/") if folder else -1, folder, name)
        records.append((kind != "d", place, path, f"{kind} {path.count('/')} {mode:o} {size} {path}\0"))
    if archive:
        order = {name: number for number, name in enumerate(zipfile.ZipFile(archive).namelist())}
    records.sort(key=lambda record: (True, order[record[2]]) if record[0] and archive else record[:2])
    return "".join(record[3] for record in records).encode()


class Course:
    """One payload in one place: every step in turn, round after round, and what came of it."""

    def __init__(self, bench, payload, place):
        self.bench, self.payload, self.place = bench, payload, place
        self.source = bench.payloads.made(payload)
        self.home = bench.room(place, self.source)
        self.samples, self.reasons = {}, {}
        self.inputs = self.source
        if self.home.stat().st_dev != self.source.stat().st_dev:
            self.inputs = self.home / "inputs"
            self.inputs.mkdir()
            for name in ("tree", "archive.zip"):
                subprocess.run(["cp", "-a", self.source / name, self.inputs], check=True)
        else:
            subprocess.run(["grep", "-rqsF", "no file has this line", self.inputs], check=False)  # reads it all
        # An update comes as the author's tool packs it, with its index of digests.
        self.next_version = self.home / "next.zip"
        run([bench.programs / "payloaddriver", "pack", self.source / "tree2", self.next_version])
        self.lists = {name: self.home / f"list of {name}" for name in ("tree", "tree2", "archive")}
        for tree in ("tree", "tree2"):
            self.lists[tree].write_bytes(floor_list(self.source / tree, self.source / "tree"))
        self.lists["archive"].write_bytes(
            floor_list(self.source / "tree", self.source / "tree", self.source / "archive.zip"))

    def command(self, step, out):
        driver = self.bench.programs / "payloaddriver"
        floor = self.bench.programs / "floor"
        tree, archive = self.inputs / "tree", self.inputs / "archive.zip"
        return {
            "unzip": ["unzip", "-q", archive, "-d", out],
            "rm": ["rm", "-rf", out],
            "unzip+sync": ["sh", "-c", 'unzip -q "$0" -d "$1" && sync -f "$1"', archive, out],
            "7z": ["7z", "x", "-y", "-bd", "-bso0", f"-o{out}", archive],
            "bsdtar": ["bsdtar", "-x", "-f", archive, "-C", out],
            "ifw": [self.bench.programs / "libarchiveextract", archive, out],
            "qfile": [self.bench.programs / "libarchiveextract", "--qfile", archive, out],
            "jlcompress": [self.bench.programs / "quazipextract", archive, out],
            "cp": ["cp", "-r", tree, out],
            "plain": [driver, "install", archive, out, "--no-digest", "--no-sync"],
            "undigested": [driver, "install", archive, out, "--no-digest"],
            "install": [driver, "install", archive, out],
            "update": [driver, "update", self.next_version, out],
            "remove": [driver, "remove", out],
            "floor": [floor, "install", self.lists["tree"], out],
            "floor unpack": [floor, "unpack", self.lists["archive"], out, archive],
            "floor digest": [floor, "digest", self.lists["archive"], out, archive],
            "floor update": [floor, "update", self.lists["tree2"], out, out.with_name("draft"), self.next_version],
            "floor remove": [floor, "remove", self.lists["tree2"], out],
            "zip": ["zip", "-6", "-q", "-r", "-y", out, "."],
            "pack": [driver, "pack", tree, out],
        }[step]

    def run(self, steps, rounds):
        chains = []
        for chain in CHAINS:
            wanted = [number for number, step in enumerate(chain) if step in steps]
            if wanted:
                chains.append(chain[: wanted[-1] + 1])
        for number in range(rounds):
            self.bench.wait_until_quiet()
            turn = number % len(chains)
            for chain in chains[turn:] + chains[:turn]:
                self.run_chain(chain, number)
            self.bench.say(f"{self.payload} on {self.place}: round {number + 1} of {rounds}")

    def run_chain(self, chain, number):
        below = self.home / "out"
        measuring.remove(below)
        below.mkdir()
        out = below / ("out.zip" if chain[0] in ("zip", "pack") else "out")
        if chain[0] == "bsdtar":
            out.mkdir()
        for step in chain:
            if step in self.reasons:
                continue
            if self.place == "disk":
                measuring.sync(below)  # what earlier steps wrote is not our concern
            try:
                sample = run(self.command(step, out), cwd=self.inputs / "tree" if step == "zip" else None)
                if step in ("zip", "pack"):
                    sample.report["bytes"] = out.stat().st_size
                if number == 0:
                    self.verify(step, out)
                self.samples.setdefault(step, []).append(sample)
            except NotMeasured as error:
                self.reasons[step] = str(error)
                self.samples.pop(step, None)
                if step in ("unzip", "install", "floor"):
                    for later in chain[chain.index(step) + 1:]:
                        self.reasons[later] = str(error)
                    break
        measuring.remove(below)

    def verify(self, step, out):
        """A ratio of a wrong result is worthless."""
        if step in ("zip", "floor", "floor update"):
            return
        if step in ("rm", "remove", "floor remove"):
            wrong = "something is left" if os.path.lexists(out) else None
        elif step == "pack":
            unpacked = out.with_suffix(".unpacked")
            run(["unzip", "-q", out, "-x", ".entracte/*", "-d", unpacked])
            wrong = measuring.difference(self.source / "tree", unpacked, modes=True)
            measuring.remove(unpacked)
        else:
            is_ours = step in OURS
            expected = self.source / ("tree2" if step == "update" else "tree")
            wrong = measuring.difference(expected, out, skip=(".entracte",) if is_ours else (), modes=is_ours)
        beside = sorted(set(os.listdir(out.parent)) - {out.name})
        if wrong is None and beside:
            wrong = f"{beside[0]} was left beside it"
        if wrong:
            raise NotMeasured(f"wrong result of {step}: {wrong}")

    def of(self, step):
        if step in self.reasons:
            raise NotMeasured(self.reasons[step])
        if step not in self.samples:
            raise NotMeasured(f"{step} was not run")
        return self.samples[step]

    def ratios(self, step, other, measure=lambda sample: sample.wall):
        return [measure(a) / measure(b) for a, b in zip(self.of(step), self.of(other))]

    def walls(self):
        """The absolute times, for information."""
        for step, samples in self.samples.items():
            line = f"{step:11} {median([sample.wall for sample in samples]):8.3f} s"
            line += f"  cpu {median([sample.cpu for sample in samples]):8.3f} s"
            phases = [name for name in ("survey", "plan", "stage", "commit", "close") if name in samples[0].report]
            if phases:
                parts = (f"{name} {median([sample.phase(name) for sample in samples]) * 1e3:.1f}" for name in phases)
                line += f"  ({' · '.join(parts)} ms)"
            yield line


# --- from samples to figures -------------------------------------------------------------------------------

def cpu(sample):
    return sample.cpu


def take_floor(figure, course, step, other):
    if step in course.samples and other in course.samples:
        figure.floor = median(course.ratios(step, other))


def take_peer(figure, course):
    ours = "plain"
    note = ""
    if "plain" in course.reasons:
        ours, note = "install", ", ours with SHA-256 and sync"
    figure.take(course.ratios(ours, figure.topic))
    figure.notes = f"cpu {median(course.ratios(ours, figure.topic, cpu)):.2f}{note}"
    if ours == "plain" and "install" in course.samples:
        figure.notes += f", with SHA-256 and sync {median(course.ratios('install', figure.topic)):.2f}"
    take_floor(figure, course, "floor unpack", figure.topic)


def take_digest(figure, course):
    figure.take(course.ratios("install", "undigested"))
    figure.notes = f"cpu {median(course.ratios('install', 'undigested', cpu)):.2f}"
    take_floor(figure, course, "floor digest", "floor unpack")


def take_durable(figure, course):
    pairs = zip(course.of("install"), course.of("unzip+sync"))
    figure.take([ours.phase("stage", "commit") / theirs.wall for ours, theirs in pairs])
    figure.notes = f"from start to end {median(course.ratios('install', 'unzip+sync')):.2f}"


def take_update(figure, course):
    figure.take(course.ratios("update", "install"))
    figure.notes = f"cpu {median(course.ratios('update', 'install', cpu)):.2f}"
    take_floor(figure, course, "floor update", "install")


def take_removal(figure, course):
    figure.take(course.ratios("remove", "rm"))
    take_floor(figure, course, "floor remove", "rm")


def take_packing(figure, course):
    if figure.goal == PACKED_SIZE:
        figure.take(course.ratios("pack", "zip", lambda sample: sample.report["bytes"]))
    else:
        figure.take(course.ratios("pack", "zip"))
        figure.notes = f"cpu {median(course.ratios('pack', 'zip', cpu)):.2f}"


TAKERS = {"digest": take_digest, "durable": take_durable, "update": take_update, "removal": take_removal,
          "packing": take_packing} | dict.fromkeys(PEERS, take_peer)


def measure_commits(figure, bench):
    """Updates of one per cent, there and back again; only the commit counts. The floor's is its one exchange."""
    sources = {name: bench.payloads.made(name) for name in ("few", figure.payload)}
    home = bench.room(figure.place, *sources.values())
    driver = bench.programs / "payloaddriver"
    floor = bench.programs / "floor"
    times, bare = ({name: [] for name in sources} for _ in range(2))
    for name, source in sources.items():
        (home / name).mkdir()
        for tree, before in (("tree", "tree2"), ("tree2", "tree")):
            (home / name / f"{tree}.list").write_bytes(floor_list(source / tree, source / before))
        run([floor, "install", home / name / "tree.list", home / name / "floor"])
        run([driver, "install", source / "archive.zip", home / name / "target"])
    for number in range(max(COMMITS, bench.rounds)):
        version = ("archive2.zip", "archive.zip")[number % 2]
        for name, source in sources.items():
            sample = run([driver, "update", source / version, home / name / "target"])
            times[name].append(sample.phase("commit"))
            names = home / name / ("tree2.list", "tree.list")[number % 2]
            sample = run([floor, "update", names, home / name / "floor", home / name / "draft", source / version])
            bare[name].append(sample.phase("exchange"))
    many, few = (median(times[name]) for name in (figure.payload, "few"))
    figure.take([a / b for a, b in zip(times[figure.payload], times["few"])], middle=many / few)
    bare_many, bare_few = (median(bare[name]) for name in (figure.payload, "few"))
    figure.floor = bare_many / bare_few
    figure.notes = (f"{bench.count(figure.payload)} files {many * 1e6:.0f} µs, {bench.count('few')} files "
                    f"{few * 1e6:.0f} µs, {len(times['few'])} commits each; the exchange alone "
                    f"{bare_many * 1e6:.1f} µs and {bare_few * 1e6:.1f} µs")


def measure_gap(figure, bench):
    source = bench.payloads.made(figure.payload)
    target = bench.room(figure.place, source) / "target"
    driver = bench.programs / "payloaddriver"
    files = bench.count(figure.payload)
    samples = []
    run([driver, "install", source / "archive.zip", target])
    for number in range(bench.rounds):
        version = ("archive2.zip", "archive.zip")[number % 2]
        samples.append(run([bench.programs / "gapdriver", "gap", source / version, target, files]))
    figure.take([sample.phase("total") / (GAP_BASE + GAP_PER_FILE * files) for sample in samples])
    parts = (f"{part} {median([sample.phase(part) for sample in samples]) * 1e3:.2f} ms"
             for part in ("probe", "exchange", "total"))
    figure.notes = f"{', '.join(parts)}, {files} files registered"


def measure_memory(figure, bench):
    """What was ever resident is a proof, mapped files included; beyond the goal, anonymous memory is watched."""
    source = bench.payloads.made(figure.payload)
    place = figure.place
    try:
        home = bench.room(place, source, copies=1.6)
    except NotMeasured:
        home, place = bench.room("disk", source, copies=1.6), "disk"
    seen = measuring.AnonymousPeak()
    sample = run([bench.programs / "payloaddriver", "install", source / "archive.zip", home / "target"], watch=seen)
    if figure.payload == "huge":
        if payloads.crc_of(home / "target" / "image.bin") != payloads.huge_crc():
            raise NotMeasured("wrong result: image.bin has other bytes")
    resident, anonymous = sample.report["peakResident"] / 1024, seen.kib / 1024
    if resident <= MEMORY:
        figure.take([resident])
        figure.notes = f"all that was ever resident; {anonymous:.1f} MiB of it anonymous when looked at"
    else:
        figure.take([anonymous])
        figure.notes = f"watched every 3 ms; {resident:.1f} MiB were resident, mapped files included"
    figure.notes += "" if place == figure.place else f"; on {place}"


SINGLES = {"commit": measure_commits, "gap": measure_gap, "memory": measure_memory}


# --- the run -----------------------------------------------------------------------------------------------

class Bench:
    def __init__(self, options):
        self.programs = Path(options.programs).resolve()
        self.quick, self.rounds = options.quick, options.rounds
        self.noisy = 0
        self.patience = 2 if options.quick else 20
        kind = "quick" if options.quick else "full"
        self.owns_disk = options.dir is None and os.geteuid() == 0
        self.disk = Path(options.dir or "/var/tmp").resolve() / "entracte-benchmarks"
        self.disk.mkdir(parents=True, exist_ok=True)
        sizes = payloads.QUICK if options.quick else payloads.FULL
        self.payloads = payloads.Payloads(self.disk / kind, sizes, self.say)
        self.work = {"tmpfs": Path(f"/dev/shm/entracte-benchmarks-{os.getpid()}"),
                     "disk": self.disk / f"work-{os.getpid()}"}

    def say(self, text):
        print(f"… {text}", file=sys.stderr, flush=True)

    def count(self, payload):
        return self.payloads.sizes[payload]

    def room(self, place, *sources, copies=3.5):
        """A new work directory in a place that can hold so many copies of these payloads."""
        work = self.work[place]
        if place == "tmpfs" and measuring.file_system_of(work.parent) != "tmpfs":
            raise NotMeasured("/dev/shm is not a tmpfs")
        if place == "disk" and measuring.file_system_of(self.disk) == "tmpfs":
            raise NotMeasured(f"{self.disk} is on a tmpfs; --dir names a directory on a disk")
        if place == "disk" and self.owns_disk:
            self.make_disk()
        needed = 0
        for source in sources:
            tree = source / "tree"
            needed += payloads.HUGE if not tree.is_dir() else int(
                subprocess.run(["du", "-sk", tree], capture_output=True, check=True).stdout.split()[0]) * 1024
        work.mkdir(parents=True, exist_ok=True)
        if measuring.free_bytes(work) < needed * copies:
            raise NotMeasured(f"{place} has no room for {needed * copies / 1e9:.1f} GB")
        return work

    def make_disk(self):
        """An empty ext4 in a file without a name. `run` has given us a mount namespace that ends with us."""
        point, image = self.work["disk"], self.disk / f"image-{os.getpid()}"
        point.mkdir(parents=True, exist_ok=True)
        size = min(measuring.free_bytes(self.disk) * 9 // 10, 64_000_000_000)
        try:
            image.touch()
            os.truncate(image, size)
            for command in (["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image],
                            ["mount", "-o", "loop", image, point]):
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    raise NotMeasured(f"{command[0]} failed: {done.stderr.strip()}; --dir names a directory to measure")
        finally:
            image.unlink()

    def wait_until_quiet(self):
        if not measuring.wait_until_quiet(self.patience):
            self.noisy += 1

    def clear(self):
        for work in self.work.values():
            if os.path.ismount(work):
                subprocess.run(["umount", work], check=True)
            measuring.remove(work)


def number(value, unit=""):
    if value is None:
        return "–"
    return f"{value:.1f}{unit}" if unit else f"{value:.3g}" if value >= 100 else f"{value:.2f}"


WIDTH = 58


def show(figure):
    goal = f"≤ {figure.goal:g}{figure.unit}"
    floor = f"floor {number(figure.floor)}"
    if figure.value is None:
        print(f"  {figure.label:{WIDTH}} {'':>9}  {goal:9}  {floor:10}  MISSED  not measured: {figure.reason}", flush=True)
        return
    verdict = "met   " if figure.is_met else "MISSED"
    width = f" [{number(min(figure.values))}–{number(max(figure.values))}]" if len(figure.values) > 1 else ""
    print(f"  {figure.label:{WIDTH}} {number(figure.value, figure.unit):>9}  {goal:9}  {floor:10}  {verdict} {width}"
          f"  {figure.notes}".rstrip(), flush=True)


# Whatever goes wrong outside is the reason of a figure that was not measured.
TROUBLE = (NotMeasured, RuntimeError, OSError, subprocess.SubprocessError)


def measure_course(bench, payload, place, figures):
    print(f"\n{payload} on {place}", flush=True)
    try:
        course = Course(bench, payload, place)
        course.run({step for figure in figures for step in figure.steps}, bench.rounds)
    except TROUBLE as error:
        for figure in figures:
            figure.reason = str(error)
            show(figure)
        return
    finally:
        bench.clear()
    for figure in figures:
        try:
            TAKERS[figure.topic](figure, course)
        except NotMeasured as error:
            figure.reason = str(error)
        show(figure)
    print("  for information, medians of absolute time:")
    for line in course.walls():
        print(f"    {line}")
    for step, reason in course.reasons.items():
        print(f"    {step:11} was not measured: {reason}")


def measure_single(bench, figure):
    try:
        bench.wait_until_quiet()
        SINGLES[figure.topic](figure, bench)
    except TROUBLE as error:
        figure.reason = str(error)
    finally:
        bench.clear()
    show(figure)


def is_chosen(figure, names):
    """Every kind of name that is given must fit: topic, payload, place."""
    given = set(names)
    for own, known in ((figure.topic, TOPICS), (figure.payload, (*PAYLOADS, "huge")), (figure.place, PLACES)):
        if given & set(known) and own not in given:
            return False
    return True


TOPICS = tuple(TAKERS) + tuple(SINGLES)


def options():
    parser = argparse.ArgumentParser(prog="tests/benchmarks/run payload", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the payloads, on tmpfs only")
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 100), metavar="N", help="rounds of every comparison (5)")
    names = (*TOPICS, *PAYLOADS, "huge", *PLACES)
    parser.add_argument("--only", nargs="+", default=[], choices=names, metavar="NAME",
                        help=f"only figures with these names: {', '.join(names)}")
    parser.add_argument("--dir", help="the directory on disk to measure, as it is; without: for root an ext4 of its own "
                        "in an image in /var/tmp, else /var/tmp")
    measuring.add_runners_options(parser)
    return parser.parse_args()


def main():
    chosen = options()
    if measuring.has_listed(chosen, PACKAGES, TARGETS):
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["LC_ALL"] = "C.UTF-8"
    bench = Bench(chosen)
    figures = [figure for figure in all_figures() if is_chosen(figure, chosen.only)]

    kind = "quick run: a tenth of the payloads" if bench.quick else "full run"
    disk = "ext4 in an image" if bench.owns_disk else measuring.file_system_of(bench.disk)
    print(f"The payload engine, {kind}, {bench.rounds} rounds, {os.cpu_count()} processors; disk: {disk} in "
          f"{bench.disk.parent}.")
    print("Ratios of wall time within a round: median, goal, floor, verdict, [lowest–highest round].")
    if bench.quick:
        print("The goals are for the full payloads: a quick run shows a direction, no more.")
    elif bench.rounds < 5:
        print("Fewer than five rounds: the medians prove little.")
    try:
        skipped = [figure for figure in figures if bench.quick and (figure.place == "disk" or figure.payload == "huge")]
        for figure in skipped:
            figure.reason = ONLY_FULL
        ready = [figure for figure in figures if figure not in skipped]
        for place in PLACES:
            for payload in PAYLOADS:
                of_course = [figure for figure in ready if figure.topic in TAKERS
                             and (figure.payload, figure.place) == (payload, place)]
                if of_course:
                    measure_course(bench, payload, place, of_course)
        for topic in SINGLES:
            of_topic = [figure for figure in ready if figure.topic == topic]
            if of_topic:
                print(f"\n{topic}")
            for figure in of_topic:
                figure.label = f"{figure.label} ({figure.payload}, {figure.place})"
                measure_single(bench, figure)
        if skipped:
            print("\nnot in a quick run")
        for figure in skipped:
            figure.label = f"{figure.label} ({figure.payload}, {figure.place})"
            show(figure)
    finally:
        bench.clear()

    if bench.noisy:
        print(f"\n{bench.noisy} rounds began while others used the machine.")
    met = sum(figure.is_met for figure in figures)
    unmeasured = sum(figure.value is None for figure in figures)
    print(f"\n{unmeasured} figures were not measured and count as missed.")
    print(f"goals: {met} of {len(figures)} met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
