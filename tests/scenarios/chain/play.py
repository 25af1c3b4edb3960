# SPDX-License-Identifier: MIT
"""Plays the chain: the wizard by mouse and keyboard, the verdict from outside."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "sample-installer"))
import play  # noqa: E402

LANGUAGES = ("shell", "python", "c")


class Chain(play.Scenario):
    def __init__(self, options):
        options.breakage = None
        options.mode = "update"
        options.language = "en"
        options.by_hand = False
        super().__init__(options)
        self.build = options.build_dir
        self.shared = options.stage / "shared"
        self.questions = 0

    def open_holders(self):
        self.holders = {}
        for language in LANGUAGES:
            program = self.options.stage / "programs" / f"holder-{language}"
            log = self.options.stage / f"holder-{language}.events"
            file = self.shared / f"{language}.dat"
            command = [program, log, "--name", f"Holder {language}", "--open", file]
            command += ["--answer", "yes", "--restart-with", log, "again"]
            process = self._start(command)
            self.holders[language] = (program, play.identity(process.pid), log)
            play.wait_for(f"holder {language}", log.exists)

    def write_chain(self):
        here = Path(__file__).resolve().parent
        library = self.build / "framework" / "libentracte-rm.so"
        tool = self.build / "framework" / "bin" / "entracte"
        arguments = {
            "shell": (here / "secondary.sh", [tool, self.shared / "shell.dat"]),
            "python": (here / "secondary.py", [library, self.shared / "python.dat"]),
            "c": (self.build / "tests" / "chain-secondary", [self.shared / "c.dat"]),
        }
        file = self.options.stage / "package" / "manifest.json"
        manifest = json.loads(file.read_text())
        manifest["chain"] = [
            {
                "name": f"Secondary {language}",
                "program": str(program),
                "arguments": [str(word) for word in words],
            }
            for language, (program, words) in arguments.items()
        ]
        file.write_text(json.dumps(manifest, indent=2))
        return file

    def start_wizard(self):
        environment = dict(os.environ)
        sanitizer = subprocess.run(
            ["nm", "-D", self.build / "framework" / "libentracte-rm.so"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        if "__asan_init" in sanitizer:
            # Python itself is not sanitized; the library it loads is.
            runtime = subprocess.run(
                ["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
            ).stdout.strip()
            environment["LD_PRELOAD"] = runtime
            environment["ASAN_OPTIONS"] = "detect_leaks=0"
        command = [self.build / "ui" / "entracte-stub", self.write_chain()]
        command += ["--target", self.target, "--language", "en"]
        self.wizard = self._start(command, env=environment)

    def _click_through(self, person):
        person.tick(person.wait(play.CHECK_BOX, "I &accept the licence"))
        person.click(person.wait(play.BUTTON, "Next"))
        person.wait(play.ENTRY, enabled=False)
        person.wait(play.BUTTON, "Next")
        person.press("Return")
        person.click(person.wait(play.BUTTON, "Install"))

        close = person.wait(play.BUTTON, "Close and Continue")
        person.take_picture("01-one-question")
        seen = person.describe()
        self._fact("the one question names Aurora", "Aurora" in seen)
        for language in LANGUAGES:
            self._fact(f"and the holder of {language}", f"Holder {language}" in seen)
        person.click(close)
        self.questions += 1

        def ended():
            if person.find(play.BUTTON, "Close and Continue"):
                return None
            return person.find(play.BUTTON, "Finish")

        finish = play.wait_for("the last page", ended)
        person.bring_forward()
        person.take_picture("02-finished")
        seen = person.describe()
        self._fact("the summary names those that are installed", "Secondary shell was installed" in seen)
        self._fact("and the one that was killed", "Secondary python was not installed" in seen)
        person.click(finish)

    def judge(self):
        self._judge_updated(self._exit_status())
        self._fact("one question was asked", self.questions == 1)
        expected = {"shell": "from the shell\n", "python": "old\n", "c": "from C\n"}
        for language, text in expected.items():
            found = (self.shared / f"{language}.dat").read_text()
            self._fact(f"the file of {language} is what it should be", found == text, found)
            program, before, log = self.holders[language]
            events = log.read_text().splitlines()
            self._fact(f"the holder of {language} was asked, then closed", "close" in events)
            starts = [line for line in events if line.startswith("started ")]
            self._fact(f"and is back, once, as it said", len(starts) == 2 and " again" in starts[-1])
        sessions = Path(os.environ["XDG_RUNTIME_DIR"]) / "entracte" / "sessions"
        self._fact("the session has ended", not list(sessions.iterdir()))
        return self.failures == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--installers", "--stage", "--build-dir", "--screenshots"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    options.screenshots.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scenario = Chain(options)
    try:
        scenario.open_aurora_1()
        scenario.open_holders()
        scenario.start_wizard()
        scenario.play()
        sys.exit(0 if scenario.judge() else 1)
    except play.Disappointment as what:
        sys.exit(f"FAILED: {what}")
    finally:
        scenario.clean_up()


main()
