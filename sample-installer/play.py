# SPDX-License-Identifier: MIT
"""Plays the Aurora 2 update with real input events, and judges it from outside the installer.

Started by `run`, which has installed Aurora 1 and prepared the display. Controls are found the way a
screen reader finds them, by role and accessible name (AT-SPI); they are clicked with the mouse.
Prints one line per fact, "ok: …" or "FAILED: …", and exits 0 only if every fact holds.
"""

import argparse
import hashlib
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as xml
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
PATIENCE = 40  # seconds for anything to appear; a sanitized build is slow


class Disappointment(Exception):
    """Something that a person would have waited for did not come."""


def wait_for(what, question, patience=PATIENCE):
    """The first true answer to question(), which is asked again and again."""
    deadline = time.monotonic() + patience
    while True:
        if answer := question():
            return answer
        if time.monotonic() > deadline:
            raise Disappointment(f"{what} did not come within {patience} seconds")
        time.sleep(0.1)


# --- processes and trees, seen from outside -----------------------------------------------------


def start_time(pid):
    """Field 22 of /proc/PID/stat; None if there is no such process or only its remains."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])


def identity(pid):
    started = start_time(pid)
    return None if started is None else (pid, started)


def processes_of(executable):
    """(pid, start time) of everything that runs this very path, the youngest last."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.readlink(entry / "exe") == str(executable) and identity(entry.name):
                    found.append((int(entry.name), start_time(entry.name)))
            except OSError:
                continue
    return sorted(found, key=lambda process: process[1])


def picture_of(tree, leave_out=()):
    """Every entry below tree with kind, mode and the hash of its bytes or the target of its link."""
    entries = {}
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree)
        if name.parts[0] in leave_out:
            continue
        status = path.lstat()
        mode = stat.filemode(status.st_mode)
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            content = ""
        entries[str(name)] = (mode, content)
    return entries


def difference(left, right):
    """The names of what is not the same in two pictures, for the person who reads a failure."""
    names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    return ", ".join(names[:5])


def window_titles(pid):
    ids = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(pid)], capture_output=True, text=True
    ).stdout.split()
    titles = []
    for window in ids:
        name = subprocess.run(["xdotool", "getwindowname", window], capture_output=True, text=True)
        if name.returncode == 0 and name.stdout.strip():
            titles.append((window, name.stdout.strip()))
    return titles


# --- words --------------------------------------------------------------------------------------


def bare(text):
    """A label without mnemonics, arrows and dots: "< &Back" and "Back" are the same button."""
    text = re.sub(r"\(&\w\)", "", text).replace("&", "")
    return re.sub(r"[<>…‹›]|\.\.\.", "", text).replace("\u00a0", " ").strip().casefold()


class Words:
    """The installer's and Qt's catalogues of one language."""

    def __init__(self, language):
        self.right_to_left = language.split("-")[0] in ("ar", "fa", "he", "ur")
        self.translations = {}
        self._take(SOURCE / "translations" / f"entracte_{language}.ts")
        compiled = Path("/usr/share/qt6/translations") / f"qtbase_{language}.qm"
        if compiled.exists():
            catalogue = subprocess.run(
                ["/usr/lib/qt6/bin/lconvert", "-i", compiled, "-of", "ts"],
                capture_output=True,
                check=True,
            ).stdout
            self._take(catalogue)

    def _take(self, catalogue):
        if isinstance(catalogue, Path):
            if not catalogue.exists():
                return
            catalogue = catalogue.read_bytes()
        for message in xml.fromstring(catalogue).iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type"):
                continue
            key = bare(message.findtext("source") or "")
            self.translations.setdefault(key, set()).add(bare(translation.text or ""))

    def of(self, source):
        """Everything a control may be called that is called `source` in English."""
        key = bare(source)
        return ({key} | self.translations.get(key, set())) - {""}


# --- a person at the screen ---------------------------------------------------------------------


class Person:
    """Looks at one program through AT-SPI and uses it with mouse and keyboard."""

    def __init__(self, pid, words, screenshots):
        import gi

        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi

        self.atspi = Atspi
        self.pid = pid
        self.words = words
        self.screenshots = screenshots

    def find(self, roles, *names):
        """The visible control of one of these roles with one of these English names."""
        wanted = {word for name in names for word in self.words.of(name)}
        for control in self._controls():
            try:
                if control.get_role_name() not in roles or not self._has(control, "SHOWING"):
                    continue
                if not wanted or bare(control.get_name() or "") in wanted:
                    return control
            except self._vanished:
                continue
        return None

    def wait(self, roles, *names, enabled=True, patience=PATIENCE):
        def look():
            control = self.find(roles, *names)
            if control and (not enabled or self._has(control, "SENSITIVE")):
                return control
            return None

        return wait_for(" or ".join(f"“{name}”" for name in names) or roles[0], look, patience)

    def button(self, *names):
        return self.find(BUTTON, *names)

    def click(self, control):
        x, y, width, height = self._resting_place(control)
        if control.get_role_name() in CHECK_BOX:
            # Only box and words react, not the empty rest of the row.
            x = x + width - 12 if self.words.right_to_left else x + 12
        else:
            x += width // 2
        self._xdotool("mousemove", x, y + height // 2, "click", 1)

    def press(self, *keys):
        self._xdotool("key", *keys)

    def type(self, text):
        self._xdotool("type", "--delay", 5, text)

    def cursor_in(self, control):
        control.clear_cache()
        return self.atspi.Text.get_caret_offset(control)

    def tick(self, control):
        self.click(control)
        wait_for("the tick", lambda: self._has(control, "CHECKED"), 5)

    def take_picture(self, name, when_still=True):
        if when_still:
            time.sleep(0.3)  # the last frame of whatever moves
        file = self.screenshots / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(file)], check=True)
        print(f"   {file}", flush=True)

    def bring_forward(self):
        """As a click on the task bar does: what came back may have opened on top of the installer."""
        for window, _ in window_titles(self.pid):
            self._xdotool("windowactivate", window)

    def describe(self):
        """What can be seen, for whoever has to find out why a control was not found."""
        lines = []
        for control in self._controls():
            try:
                if self._has(control, "SHOWING"):
                    lines.append(f"   {control.get_role_name()}: {control.get_name()!r}")
            except self._vanished:
                continue
        return "\n".join(lines)

    def _controls(self):
        desktop = self.atspi.get_desktop(0)
        desktop.clear_cache()
        for index in range(desktop.get_child_count()):
            try:
                program = desktop.get_child_at_index(index)
                if program and program.get_process_id() == self.pid:
                    program.clear_cache()
                    yield from self._below(program)
            except self._vanished:
                continue

    def _below(self, parent):
        try:
            children = [parent.get_child_at_index(i) for i in range(parent.get_child_count())]
        except self._vanished:
            return
        # Later windows are above earlier ones.
        for child in reversed(children) if parent.get_role_name() == "application" else children:
            if child:
                yield child
                yield from self._below(child)

    @property
    def _vanished(self):
        from gi.repository import GLib

        return GLib.Error

    def _has(self, control, state):
        control.clear_cache()
        return control.get_state_set().contains(getattr(self.atspi.StateType, state))

    def _place(self, control):
        area = control.get_extents(self.atspi.CoordType.SCREEN)
        return area.x, area.y, area.width, area.height

    def _resting_place(self, control):
        """Where it is once window manager and layout have come to rest."""
        before = None

        def rests():
            nonlocal before
            now = self._place(control)
            still = now == before and now[2] > 0
            before = now
            return now if still else None

        return wait_for(f"rest of {control.get_name()!r}", rests, 10)

    def _xdotool(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True)


BUTTON = ("push button", "button")
CHECK_BOX = ("check box",)
ENTRY = ("text", "entry")


# --- the scenario -------------------------------------------------------------------------------


class Scenario:
    def __init__(self, options):
        self.options = options
        self.applications = options.stage / "applications"
        self.target = self.applications / "Aurora"
        self.executable = self.target / "aurora"
        self.document = options.stage / "documents" / "notes.txt"
        self.version2 = picture_of(options.installers / "aurora-2" / "tree")
        self.started = []
        self.failures = 0

    def open_aurora_1(self):
        aurora = self._start([self.executable, self.document.name], cwd=self.document.parent)
        self.aurora_1 = identity(aurora.pid)
        wait_for("the window of Aurora 1.0", lambda: self._shows(aurora.pid, "Aurora 1.0"))
        self.cursor = None
        if not self.options.by_hand:
            self._work_in_aurora(aurora.pid)
        self.tree_before = picture_of(self.target)
        self.neighbours_before = sorted(os.listdir(self.applications))

    def _work_in_aurora(self, pid):
        """Somebody has been reading, down to the end of the text, and perhaps writing."""
        person = Person(pid, Words("en"), self.options.screenshots)
        text = person.wait(ENTRY, "Text")
        person.bring_forward()
        person.click(text)
        person.press("ctrl+End")
        if self.options.mode == "unsaved":
            person.type("and one more thought")
            wait_for("the mark of unsaved text", lambda: self._shows(pid, "*"))
        self.cursor = wait_for("the cursor", lambda: person.cursor_in(text))

    def start_wizard(self):
        options = self.options
        environment = dict(os.environ)
        if options.breakage:
            environment["LD_PRELOAD"] = str(options.installers / "aurora-breakage.so")
            environment["AURORA_BREAK"] = options.breakage
            sanitizer = environment.get("ASAN_OPTIONS", "")
            environment["ASAN_OPTIONS"] = f"{sanitizer}:verify_asan_link_order=0".lstrip(":")
        command = [options.installers / "aurora-setup-2", "--target", self.target]
        command += ["--language", options.language]
        self.wizard = self._start(command, env=environment)

    def play(self):
        person = Person(self.wizard.pid, Words(self.options.language), self.options.screenshots)
        try:
            self._click_through(person)
        except Disappointment:
            person.take_picture("99-where-it-stopped")
            print("What could be seen:", person.describe(), sep="\n", flush=True)
            raise

    def _click_through(self, person):
        licence = person.wait(CHECK_BOX, "I &accept the licence")
        person.take_picture("01-welcome")
        person.tick(licence)
        person.click(person.wait(BUTTON, "Next"))

        person.wait(ENTRY, enabled=False)
        wait_for("the next page", lambda: not person.find(CHECK_BOX, "I &accept the licence"))
        person.wait(BUTTON, "Next")
        person.take_picture("02-target")
        person.press("Return")

        install = person.wait(BUTTON, "Install")
        person.take_picture("03-ready")
        person.click(install)

        close = person.wait(BUTTON, "Close and Continue")
        person.take_picture("04-files-in-use")
        if self.options.mode == "cancel":
            person.click(person.wait(BUTTON, "Cancel Installation"))
        else:
            person.click(close)
        if self.options.mode == "unsaved":
            self._save_after_refusal(person)
        if self.options.mode != "cancel":
            self._glimpse_progress(person)

        def ended():
            if self.wizard.poll() is not None:
                return "ended"
            finish = person.button("Finish", "Close")
            return finish if finish and not person.button("Close and Continue") else None

        finish = wait_for("the last page", ended)
        if finish != "ended":
            wait_for("Aurora", lambda: not processes_of(self.executable) or self._any_window(), 10)
            person.bring_forward()
            person.take_picture("06-finished")
            person.click(finish)

    def _save_after_refusal(self, person):
        """Aurora said no, with a reason; nobody was closed. Its person saves and tries again."""
        reason = f"“{self.document.name}” is not saved."

        def refused():
            return reason in person.describe() and person.button("Close and Continue")

        wait_for("the reason", refused)
        person.take_picture("04b-not-saved")
        self._fact("Aurora 1.0 is still open", identity(self.aurora_1[0]) == self.aurora_1)
        author = Person(self.aurora_1[0], Words("en"), self.options.screenshots)
        author.bring_forward()
        author.click(author.wait(ENTRY, "Text"))
        author.press("ctrl+s")
        wait_for("the saved text", lambda: not self._shows(self.aurora_1[0], "*"))
        person.bring_forward()
        person.click(person.wait(BUTTON, "Close and Continue"))

    def _glimpse_progress(self, person):
        """While Aurora closes; before the question, so small a product is staged faster than anybody looks."""

        def gone_on():
            if person.button("Close and Continue") or self.wizard.poll() is not None:
                return None
            return person.find(("progress bar",)) or person.button("Finish", "Close")

        try:
            found = wait_for("the progress page", gone_on, 3)
        except Disappointment:
            return
        if found.get_role_name() == "progress bar":
            person.take_picture("05-progress", when_still=False)

    def judge(self):
        """The verdict; nothing in it was said by the installer except its exit status."""
        status = self._exit_status()
        cancelled_by_hand = self.options.by_hand and status in (3, 4)
        if self.options.mode == "cancel" or cancelled_by_hand:
            self._judge_cancelled(status)
        else:
            self._judge_updated(status)
        if self.options.breakage == "swap":
            self._judge_old_version_back(status)
        elif self.options.breakage == "relaunch":
            self._judge_loss_admitted(status)
        return self.failures == 0

    def _judge_updated(self, status):
        self._fact("the wizard ended with status 0", status == 0, f"it was {status}")
        try:
            patience = 5 if self.options.breakage else PATIENCE
            process = wait_for("Aurora", self._returned, patience)
        except Disappointment:
            process = None
        self._fact("Aurora was closed", identity(self.aurora_1[0]) != self.aurora_1)
        self._fact("Aurora runs again as another process", process is not None)
        tree = picture_of(self.target, leave_out=(".entracte",))
        self._fact(
            "the tree is version 2, byte for byte, mode for mode",
            tree == self.version2,
            difference(tree, self.version2),
        )
        self._fact(
            "nothing is left beside the tree",
            sorted(os.listdir(self.applications)) == self.neighbours_before,
            ", ".join(sorted(os.listdir(self.applications))),
        )
        plugin = self.target / "plugins" / "libauroraplugin.so"
        self._fact(
            "the new process maps the new plug-in's inode",
            process is not None and tree == self.version2 and self._maps(process[0], plugin),
        )
        self._fact(
            "its window shows notes.txt and Aurora 2.0",
            process is not None and self._comes_to_show(process[0], "Aurora 2.0"),
        )
        if self.cursor is not None:
            self._fact(
                "its cursor is where it was",
                process is not None and self._cursor_returns(process[0]),
            )
        if self.options.mode == "unsaved":
            self._fact("what was typed is saved", "one more thought" in self.document.read_text())

    def _judge_cancelled(self, status):
        self._fact("the wizard ended with status 3 or 4", status in (3, 4), f"it was {status}")
        self._judge_tree_untouched()
        self._fact("Aurora 1.0 never closed", identity(self.aurora_1[0]) == self.aurora_1)
        self._fact(
            "its window shows notes.txt and Aurora 1.0", self._shows(self.aurora_1[0], "Aurora 1.0")
        )

    def _judge_old_version_back(self, status):
        self._fact("the wizard ended with status 1: failed, rolled back", status == 1)
        self._judge_tree_untouched()
        processes = processes_of(self.executable)
        self._fact(
            "Aurora 1.0 is open again with notes.txt",
            bool(processes) and self._comes_to_show(processes[-1][0], "Aurora 1.0"),
        )

    def _judge_loss_admitted(self, status):
        self._fact("the wizard ended with status 8: done, but not all came back", status == 8)
        self._fact("nothing of Aurora runs", not processes_of(self.executable))

    def _judge_tree_untouched(self):
        tree = picture_of(self.target)
        self._fact(
            "the tree is as it was, byte for byte",
            tree == self.tree_before,
            difference(tree, self.tree_before),
        )
        neighbours = sorted(os.listdir(self.applications))
        self._fact(
            "nothing was left beside it", neighbours == self.neighbours_before, ", ".join(neighbours)
        )

    def let_person_look(self):
        print("\nClose Aurora when you have seen enough.", flush=True)
        while processes_of(self.executable):
            time.sleep(0.3)

    def clean_up(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def _start(self, command, **options):
        log = self.options.stage / f"{Path(command[0]).name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **options,
            )
        self.started.append(process)
        # Bury it at once: a zombie would still look like a process.
        threading.Thread(target=process.wait, daemon=True).start()
        return process

    def _exit_status(self):
        patience = None if self.options.by_hand else PATIENCE
        try:
            return self.wizard.wait(patience)
        except subprocess.TimeoutExpired:
            return None

    def _returned(self):
        others = [found for found in processes_of(self.executable) if found != self.aurora_1]
        return others[-1] if others else None

    def _any_window(self):
        return any(window_titles(pid) for pid, _ in processes_of(self.executable))

    def _shows(self, pid, version):
        name = self.document.name
        return any(name in title and version in title for _, title in window_titles(pid))

    def _comes_to_show(self, pid, version):
        try:
            return wait_for("the window", lambda: self._shows(pid, version), 15)
        except Disappointment:
            print("   titles:", [title for _, title in window_titles(pid)])
            return False

    def _cursor_returns(self, pid):
        person = Person(pid, Words("en"), self.options.screenshots)
        try:
            return wait_for(
                "the cursor",
                lambda: person.cursor_in(person.wait(ENTRY, "Text")) == self.cursor,
                15,
            )
        except Disappointment:
            return False

    def _maps(self, pid, file):
        """A process that has just started has yet to load its plug-in."""

        def is_mapped():
            try:
                lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
            except OSError:
                return False
            inode = str(file.stat().st_ino)
            return any(line.split()[4] == inode and line.endswith(str(file)) for line in lines)

        try:
            return wait_for("the plug-in", is_mapped, 15)
        except Disappointment:
            return False

    def _fact(self, sentence, holds, otherwise=""):
        if holds:
            print(f"ok: {sentence}", flush=True)
        else:
            self.failures += 1
            print(f"FAILED: {sentence}", flush=True)
            if otherwise:
                print(f"   {otherwise}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--installers", type=Path, required=True)
    parser.add_argument("--stage", type=Path, required=True)
    parser.add_argument("--language", default="en")
    parser.add_argument("--mode", choices=("update", "cancel", "unsaved"), default="update")
    parser.add_argument("--break", dest="breakage", choices=("swap", "relaunch"))
    parser.add_argument("--screenshots", type=Path, help="where to leave pictures")
    parser.add_argument("--by-hand", action="store_true", help="a person does the clicking")
    options = parser.parse_args()
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
        for old in options.screenshots.glob("*.png"):
            old.unlink()

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scenario = Scenario(options)
    try:
        scenario.open_aurora_1()
        scenario.start_wizard()
        if not options.by_hand:
            scenario.play()
        print()
        all_holds = scenario.judge()
        if options.by_hand:
            scenario.let_person_look()
        return 0 if all_holds else 1
    except Disappointment as problem:
        print(f"FAILED: {problem}", flush=True)
        for log in sorted(options.stage.glob("*.log")):
            print(f"--- {log.name}", log.read_text(errors="replace")[-3000:], sep="\n")
        return 1
    finally:
        scenario.clean_up()


if __name__ == "__main__":
    sys.exit(main())
