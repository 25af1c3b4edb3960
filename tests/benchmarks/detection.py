# SPDX-License-Identifier: MIT
"""What does it cost to find out who uses files, beside the tools that do the same?

Started by `run detection`. Prints every figure with its goal and its floor, and whether it is met. A figure that could not be
taken, or whose answer was wrong, says why and counts as missed. README.md tells how to read it.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import measuring
from measuring import NotMeasured, Sample, run

PACKAGES = ["psmisc", "lsof", "bindfs", "fuse3", "libbpf-dev", "clang"]
TARGETS = ["detectiondriver", "population", "qtholders", "bpfholders", "lookfloor"]

FILES = 50_000
REGISTERED = (1, 1_000, FILES)
POPULATIONS = (400, 2_000)
GOALS_FOR = 2_000  # processes: the goals are set for these
USES = ("busy", "free")
FILES_IN_FOLDER = 250  # as population.c makes them
PATIENCE_WITH_LSOF = 5  # times as long as without the stopped server, until it counts as hanging

# --- the goals ---------------------------------------------------------------------------------------------
# Ratios of user and system time of whole processes, by number of registered files (linux-mechanisms 1.3). Those of
# "list" were set where PROCMAP_QUERY was cheaper than the text of maps; those of "text" are for the text.

BUSY_GOALS = {
    ("list", "fuser"): {1: 0.55, 1_000: 0.28, FILES: 1 / 120},
    ("list", "lsof"): {1: 0.17, 1_000: 0.16, FILES: 1 / 15},
    ("text", "fuser"): {1: 0.80, 1_000: 0.40, FILES: 1 / 100},
    ("text", "lsof"): {1: 0.24, 1_000: 0.22, FILES: 1 / 11},
    ("list", "bpf"): {1_000: 5.0},
}
FREE_GOALS = {
    ("list", "fuser"): {1: 1 / 400, 1_000: 1 / 250, FILES: 1 / 300},
    ("list", "lsof"): {FILES: 1 / 40},
}
MANY, REFRESH, STOPPED_SERVER = 1.10, 0.01, 1.5

OURS = {  # step → (what it is, the driver's switches)
    "list": ("ours", []),
    "text": ("ours, no PROCMAP_QUERY", ["--no-map-query"]),
}
PEERS = {"fuser": "fuser", "lsof": "lsof -nPw -F", "qt": "QDir, QFileInfo, QFile", "bpf": "BPF iterators"}
TOPICS = ("fuser", "lsof", "bpf", "qt", "many", "refresh", "server")


@dataclass
class Figure:
    topic: str
    processes: int
    registered: int
    use: str
    ours: str
    label: str
    goal: Optional[float] = None
    is_inside: bool = False  # of ours, only registering and scanning count, not the start of the program
    value: Optional[float] = None
    floor: Optional[float] = None  # what peers/lookfloor.c, the system calls alone, would have got
    values: tuple = ()
    notes: str = ""
    reason: str = "it was not reached"

    @property
    def is_met(self):
        return self.value is not None and self.value <= self.goal

    @property
    def other(self):
        """The step of the other side of the ratio, and its number of files."""
        return ("list", 1) if self.topic == "many" else (self.topic, self.registered)


def all_figures():
    figures = []
    for processes in POPULATIONS:
        def add(topic, registered, use, ours, label, goal, is_inside=False):
            figures.append(Figure(topic, processes, registered, use, ours, label,
                                  goal if processes == GOALS_FOR else None, is_inside))

        for use, goals in (("busy", BUSY_GOALS), ("free", FREE_GOALS)):
            for (ours, peer), by_number in goals.items():
                for registered, goal in by_number.items():
                    # Against so little, the start of a program that links Qt would be all that is measured.
                    is_inside = use == "free"
                    label = f"{OURS[ours][0]}{', inside' * is_inside} / {PEERS[peer]}"
                    add(peer, registered, use, ours, label, goal, is_inside)
        add("qt", 1_000, "busy", "list", f"ours / {PEERS['qt']}", None)
        add("many", FILES, "busy", "list", "ours, inside / with one file", MANY, is_inside=True)
        if processes == GOALS_FOR:
            add("refresh", 1_000, "busy", "list", "has it gone yet? / scan, inside", REFRESH)
            add("server", 1_000, "busy", "list", "FUSE server stopped / running, wall", STOPPED_SERVER)
    return figures


# --- what is looked at -------------------------------------------------------------------------------------

class Population:
    """Generated processes, some of which hold files, as long as the block lasts."""

    def __init__(self, program, room, processes):
        self.command = [str(program), "run", str(room), str(processes), str(FILES)]
        self.held = {}  # path → {pid: "open" or "mapped"}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line == "ready\n":
                return self
            pid, way, path = line.rstrip("\n").split(" ", 2)
            self.held.setdefault(path, {})[int(pid)] = way
        raise NotMeasured(f"the processes were not made: {self.process.stderr.read().strip()}")

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


class Files:
    """50,000 files that may be held and 50,000 that nobody holds, and lists of the first of them."""

    def __init__(self, program, room):
        self.room, self.lists = room, {}
        for use in USES:
            directory = room / use
            run([program, "make", directory, FILES])
            names = [f"{directory}/{number // FILES_IN_FOLDER:03}/file-{number:06}" for number in range(FILES)]
            for registered in REGISTERED:
                target = room / f"{use}-{registered}.txt"
                target.write_text("".join(name + "\n" for name in names[:registered]))
                self.lists[use, registered] = (target, names[:registered])


def batches(command, names):
    """Command lines that are as long as the kernel takes with ordinary limits: 2 MiB, pointers included."""
    room = min(os.sysconf("SC_ARG_MAX"), 2 * 1024 * 1024) - 4096
    room -= sum(len(part) + 9 for part in (*command, *(f"{name}={value}" for name, value in os.environ.items())))
    batch, used = [], 0
    for name in names:
        size = len(name.encode()) + 1 + 8
        if used + size > room:
            yield [*command, *batch]
            batch, used = [], 0
        batch.append(name)
        used += size
    yield [*command, *batch]


# --- what they answer: a set of (pid, path) ----------------------------------------------------------------

def said_by_fuser(printed):
    for line in printed.splitlines():
        path, colon, pids = line.partition(": ")
        if colon and path.startswith("/"):
            yield from ((int("".join(filter(str.isdigit, pid))), path) for pid in pids.split())


def said_by_lsof(printed):
    pid = 0
    for line in printed.splitlines():
        if line.startswith("p"):
            pid = int(line[1:])
        elif line.startswith("n"):
            yield pid, line[1:]


def said_in_lines(printed):
    for line in printed.splitlines():
        pid, _, path = line.partition(" ")
        yield int(pid), path


SAID = {"fuser": said_by_fuser, "lsof": said_by_lsof, "qt": said_in_lines, "bpf": said_in_lines}


def difference(expected, said):
    said = set(said)
    for pid, path in sorted(expected - said):
        return f"process {pid} was not found with {path}"
    for pid, path in sorted(said - expected):
        return f"process {pid} was found with {path}, which it does not hold"
    return None


# --- the run -----------------------------------------------------------------------------------------------

class Bench:
    def __init__(self, options):
        self.programs = Path(options.programs).resolve()
        self.quick, self.rounds = options.quick, options.rounds or (2 if options.quick else 3)
        self.patience = 2 if options.quick else 10
        self.noisy, self.wrong = 0, 0
        self.room = Path(options.dir).resolve() / "entracte-benchmarks" / "detection"
        self.room.mkdir(parents=True, exist_ok=True)
        self.files = Files(self.programs / "population", self.room)
        self.iterators = self.room / "bpfholders.o"

    def say(self, text):
        print(f"… {text}", file=sys.stderr, flush=True)

    def wait_until_quiet(self):
        if not measuring.wait_until_quiet(self.patience):
            self.noisy += 1

    def compile_iterators(self):
        source = Path(__file__).with_name("peers") / "bpfholders.bpf.c"
        run(["clang", "-target", "bpf", "-O2", "-g", f"-I/usr/include/{os.uname().machine}-linux-gnu", "-c", source,
             "-o", self.iterators])


def whole(sample):
    return sample.cpu


def inside(sample):
    """Without the start of the program and the reading of the list."""
    return (sample.report["registerCpu"] + sample.report["scanCpu"]) / 1e6


class Course:
    """One population: every step in turn, round after round, and what came of it."""

    def __init__(self, bench, population):
        self.bench, self.population = bench, population
        self.samples, self.reasons, self.pieces = {}, {}, {}

    def perform(self, step):
        tool, registered, use = step
        target, names = self.bench.files.lists[use, registered]
        if tool in OURS:
            return run([self.bench.programs / "detectiondriver", "list", target, *OURS[tool][1]])
        if tool == "qt":
            return run([self.bench.programs / "qtholders", target])
        if tool == "bpf":
            return run([self.bench.programs / "bpfholders", self.bench.iterators, target])
        if tool == "floor":
            return run([self.bench.programs / "lookfloor", target, use])
        command = {"fuser": ["fuser"], "lsof": ["lsof", "-nPw", "-F", "pn"]}[tool]
        together = Sample(0, 0)
        for number, batch in enumerate(batches(command, names), 1):
            sample = run(batch, accepted=(0, 1), mixed=tool == "fuser")  # 1: some files are held by nobody
            together.wall += sample.wall
            together.cpu += sample.cpu
            together.printed += sample.printed
            self.pieces[step] = number
        return together

    def verify(self, step, sample):
        """A ratio of a wrong answer is worthless."""
        tool, registered, use = step
        names = set(self.bench.files.lists[use, registered][1])
        expected = {path: pids for path, pids in self.population.held.items() if path in names}
        pairs = {(pid, path) for path, pids in expected.items() for pid in pids}
        if tool in OURS:
            held = sample.report["held"]
            wrong = difference(pairs, ((pid, path) for pid, path, _ in held))
            for pid, path, ways in held:
                if not wrong and ways != [expected[path][pid]]:
                    wrong = f"process {pid} holds {path} {expected[path][pid]}, not {ways}"
        elif tool in ("qt", "floor"):
            wrong = None  # one finds by path, the other nothing; what it costs is all that is asked
        else:
            wrong = difference(pairs, SAID[tool](sample.printed))
        if wrong:
            self.bench.wrong += 1
            raise NotMeasured(f"wrong answer of {tool}: {wrong}")

    def run(self, steps):
        if any(step[0] == "bpf" for step in steps):
            try:
                self.bench.compile_iterators()
            except NotMeasured as error:
                self.reasons |= {step: f"not measurable here: {error}" for step in steps if step[0] == "bpf"}
        for number in range(self.bench.rounds):
            self.bench.wait_until_quiet()
            turn = number * len(steps) // self.bench.rounds
            for step in steps[turn:] + steps[:turn]:
                # fuser with so many files takes minutes, whoever holds them: once is enough.
                if step in self.reasons or step[:2] == ("fuser", FILES) and step in self.samples:
                    continue
                try:
                    sample = self.perform(step)
                    self.verify(step, sample)
                    self.samples.setdefault(step, []).append(sample)
                except NotMeasured as error:
                    self.reasons[step] = str(error)
                    self.samples.pop(step, None)
            self.bench.say(f"{len(steps)} commands: round {number + 1} of {self.bench.rounds}")

    def of(self, *step):
        if step in self.reasons:
            raise NotMeasured(self.reasons[step])
        if step not in self.samples:
            raise NotMeasured("only in the full run" if self.bench.quick else f"{step[0]} was not run")
        return self.samples[step]

    def take(self, figure):
        ours = self.of(figure.ours, figure.registered, figure.use)
        tool, registered = figure.other
        # What fuser does with so many files does not depend on who holds them.
        theirs = self.of(tool, registered, "busy" if (tool, registered) == ("fuser", FILES) else figure.use)
        measures = (inside, whole) if figure.is_inside else (whole, inside)
        their_measure = inside if figure.topic == "many" else whole
        other = min(their_measure(sample) for sample in theirs)
        least, also = (min(measure(sample) for sample in ours) for measure in measures)
        figure.value = least / other
        floor = self.samples.get(("floor", figure.registered if figure.use == "free" else 1, figure.use))
        if floor and figure.topic != "many":
            figure.floor = min(inside(sample) for sample in floor) / other
        figure.values = [measures[0](one) / their_measure(two) for one, two in zip(ours, theirs)]
        figure.notes = (f"{least * 1e3:.1f} / {other * 1e3:.1f} ms, {'with' if figure.is_inside else 'without'} the start "
                        f"of the program {number(also / other)}")
        pieces = self.pieces.get((tool, registered, "busy"), 1)
        if pieces > 1:
            figure.notes += f", {tool} in {pieces} pieces"

    def absolute(self):
        """The lowest times, for information."""
        for (tool, registered, use), samples in sorted(self.samples.items()):
            line = f"{tool:6} {registered:6,} {use}  {min(sample.cpu for sample in samples) * 1e3:10.1f} ms"
            phases = [name for name in ("start", "read", "register", "scan") if f"{name}Cpu" in samples[0].report]
            if phases:
                parts = (f"{name} {min(sample.report[f'{name}Cpu'] for sample in samples) / 1e3:.2f}" for name in phases)
                line += f"  ({' · '.join(parts)})"
            yield line


# --- single figures ----------------------------------------------------------------------------------------

def take_refresh(bench, figure):
    driver = bench.programs / "detectiondriver"
    ratios, notes = [], []
    for _ in range(bench.rounds):
        report = run([driver, "refresh", bench.files.lists[figure.use, figure.registered][0]]).report
        ratios.append(report["refreshCpu"] / report["refreshes"] / report["scanCpu"])
        notes.append((report["refreshCpu"] / report["refreshes"] / 1e3, report["scanCpu"] / 1e3))
    figure.value, figure.values = min(ratios), ratios
    figure.notes = f"{min(notes)[0]:.3f} / {min(notes)[1]:.0f} ms"


class StoppedServer:
    """A FUSE file system with a file that a process has open, and whose server is stopped at will."""

    def __init__(self, room):
        self.source, self.point = room / "served", room / f"served-{os.getpid()}"

    def __enter__(self):
        for directory in (self.source, self.point):
            directory.mkdir(exist_ok=True)
        (self.source / "file").write_text("served")
        self.server = subprocess.Popen(["bindfs", "-f", self.source, self.point], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not os.path.ismount(self.point):
            if self.server.poll() is not None or time.monotonic() > deadline:
                self.server.kill()
                raise NotMeasured("bindfs does not mount here")
            time.sleep(0.05)
        with open(self.point / "file", "rb") as served:
            self.user = subprocess.Popen(["sleep", "100000"], stdin=served)
        return self

    def stop(self):
        self.server.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.server.send_signal(signal.SIGCONT)

    def __exit__(self, *_):
        self.go_on()
        self.user.kill()
        self.user.wait()
        subprocess.run(["umount", self.point], check=False)
        self.server.terminate()
        self.server.wait()
        self.point.rmdir()


def seconds_of_lsof(path, patience=300):
    """How long lsof takes; None if it had to be killed."""
    begin = time.monotonic()
    process = subprocess.Popen(["lsof", "-nPw", "-F", "pn", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(patience)
        return time.monotonic() - begin
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def take_server(bench, figure):
    target, names = bench.files.lists[figure.use, figure.registered]
    command = [bench.programs / "detectiondriver", "list", target]
    running, stopped = [], []
    usual = seconds_of_lsof(names[0])
    if usual is None:
        raise NotMeasured("lsof does not answer here, with no server stopped")
    with StoppedServer(bench.room) as server:
        for _ in range(bench.rounds):
            running.append(run(command))
            server.stop()
            stopped.append(run(["timeout", "60", *command]))
            server.go_on()
        server.stop()
        then = seconds_of_lsof(names[0], PATIENCE_WITH_LSOF * usual)
    if running[0].report["held"] != stopped[-1].report["held"]:
        bench.wrong += 1
        raise NotMeasured("another answer while the server is stopped")
    figure.value = min(sample.wall for sample in stopped) / min(sample.wall for sample in running)
    figure.values = [one.wall / other.wall for one, other in zip(stopped, running)]
    figure.notes = f"lsof {usual:.1f} s without the mount; with the server stopped "
    figure.notes += f"{then:.1f} s" if then else f"it hung, and was killed after {PATIENCE_WITH_LSOF * usual:.0f} s"


SINGLES = {"refresh": take_refresh, "server": take_server}


# --- the output --------------------------------------------------------------------------------------------

def number(value):
    return "–" if value is None else f"{value:.3g}" if value >= 0.1 else f"1/{1 / value:.0f}"


def show(figure):
    what = f"{figure.registered:6,} {figure.use}  {figure.label}"
    goal = f"≤ {number(figure.goal)}" if figure.goal is not None else "no goal"
    floor = f"floor {number(figure.floor)}"
    if figure.value is None:
        verdict = "MISSED" if figure.goal else "      "
        print(f"  {what:58} {'':>7}  {goal:8}  {floor:11}  {verdict}  not measured: {figure.reason}", flush=True)
        return
    verdict = "      " if figure.goal is None else "met   " if figure.is_met else "MISSED"
    spread = f" [{number(min(figure.values))}–{number(max(figure.values))}]" if len(figure.values) > 1 else ""
    print(f"  {what:58} {number(figure.value):>7}  {goal:8}  {floor:11}  {verdict} {spread}  {figure.notes}".rstrip(), flush=True)


def steps_for(bench, figures):
    steps = []
    for figure in figures:
        sides = [(figure.ours, figure.registered, figure.use)]
        tool, registered = figure.other
        if (tool, registered) == ("fuser", FILES):
            sides += [] if bench.quick else [(tool, registered, "busy")]
        else:
            sides.append((tool, registered, figure.use))
        sides.append(("floor", figure.registered if figure.use == "free" else 1, figure.use))
        steps += [step for step in sides if step not in steps]
    return steps


def measure(bench, processes, figures):
    print(f"\n{processes:,} processes", flush=True)
    try:
        with Population(bench.programs / "population", bench.room, processes) as population:
            course = Course(bench, population)
            compared = [figure for figure in figures if figure.topic not in SINGLES]
            course.run(steps_for(bench, compared))
            for figure in figures:
                try:
                    if figure.topic in SINGLES:
                        bench.wait_until_quiet()
                        SINGLES[figure.topic](bench, figure)
                    else:
                        course.take(figure)
                except (NotMeasured, OSError) as error:
                    figure.reason = str(error)
                show(figure)
            print("  for information, lowest user and system time:")
            for line in course.absolute():
                print(f"    {line}")
            for step, reason in course.reasons.items():
                print(f"    {step[0]} with {step[1]:,} {step[2]} was not measured: {reason}")
    except NotMeasured as error:
        for figure in figures:
            figure.reason = str(error)
            show(figure)


def is_chosen(figure, names):
    given = set(names)
    for own, known in ((figure.topic, TOPICS), (figure.use, USES), (str(figure.processes), map(str, POPULATIONS)),
                       (str(figure.registered), map(str, REGISTERED))):
        if given & set(known) and own not in given:
            return False
    return True


def options():
    parser = argparse.ArgumentParser(prog="tests/benchmarks/run detection", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2,000 processes only, without fuser's minutes")
    parser.add_argument("--rounds", type=int, choices=range(1, 100), metavar="N", help="rounds of every comparison (3; quick: 2)")
    names = (*TOPICS, *USES, *map(str, POPULATIONS), *map(str, REGISTERED))
    parser.add_argument("--only", nargs="+", default=[], choices=names, metavar="NAME",
                        help=f"only figures with these names: {', '.join(names)}")
    parser.add_argument("--dir", default="/var/tmp", help="where the files are made (/var/tmp)")
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
    if bench.quick:
        figures = [figure for figure in figures if figure.processes == GOALS_FOR]

    kind = "quick run" if bench.quick else "full run"
    print(f"Who uses these files? {kind}, {bench.rounds} rounds, {os.cpu_count()} processors, Linux {os.uname().release}, "
          f"files on {measuring.file_system_of(bench.room)}.")
    print("User and system time of whole processes, children included: lowest of ours / lowest of theirs, goal, floor, verdict, "
          "[lowest–highest ratio within a round].")
    for processes in POPULATIONS:
        of_population = [figure for figure in figures if figure.processes == processes]
        if of_population:
            measure(bench, processes, of_population)

    if bench.noisy:
        print(f"\n{bench.noisy} rounds began while others used the machine.")
    if bench.wrong:
        print(f"\n{bench.wrong} answers were wrong.")
    goals = [figure for figure in figures if figure.goal is not None]
    print(f"\n{sum(figure.value is None for figure in goals)} figures were not measured and count as missed.")
    print(f"goals: {sum(figure.is_met for figure in goals)} of {len(goals)} met")
    return 1 if bench.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
