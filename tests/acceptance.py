#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints which acceptance statement is held by which test, and whether it holds.

acceptance.py BUILD_DIR

A test carries the number of its statement in its name: spec_062_filterDoesNotApplyToANamesake.
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

STATEMENTS = 120
TESTS = Path(__file__).resolve().parent
NAME = re.compile(r"\bspec_(\d{3})_\w+")


def run(build, programs):
    """program → what it printed. ctest knows which of them needs a display, which one a systemd."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        subprocess.run(
            ["ctest", "--test-dir", build, "--tests-regex", "^(" + "|".join(programs) + ")$"]
            + ["--parallel", str(os.cpu_count()), "--output-junit", report.name]
            + ["--test-output-size-passed", "1000000", "--test-output-size-failed", "1000000"],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        return {
            case.get("name"): case.findtext("system-out", "")
            for case in xml.parse(report.name).iter("testcase")
        }


def results(source, output):
    """function → result, for one test program; what did not get to run counts as failed."""
    functions = {match.group(0) for match in NAME.finditer(source.read_text())}
    found = dict.fromkeys((name for name in functions if not name.endswith("_data")), "FAILS")
    failed = set()
    for line in output.splitlines():
        match = re.match(r"(PASS|FAIL!|XPASS|SKIP|QFATAL)\s*: \w+::(\w+)\(", line)
        if not match or match.group(2) not in found:
            continue
        name = match.group(2)
        if match.group(1) == "PASS" and name not in failed:
            found[name] = "holds"
        elif match.group(1) == "SKIP":
            failed.add(name)
            found[name] = "skipped: " + line.split(") ", 1)[-1]
        else:
            failed.add(name)
            found[name] = "FAILS"
    return {name: (source.stem, result) for name, result in found.items()}


def main():
    build = Path(sys.argv[1]).resolve()
    sources = [
        source
        for source in [*TESTS.glob("tst_*.cpp"), *TESTS.glob("scenarios/tst_*.cpp")]
        if NAME.search(source.read_text())
    ]
    outputs = run(build, sorted(source.stem for source in sources))
    found = {}
    for source in sorted(sources):
        found.update(results(source, outputs.get(source.stem, "")))

    holding = 0
    failing = False
    for number in range(1, STATEMENTS + 1):
        tests = [name for name in sorted(found) if int(NAME.match(name).group(1)) == number]
        if not tests:
            print(f"{number:3}  not yet")
            continue
        told = [found[name][1] for name in tests]
        worst = next((result for result in told if result != "holds"), "holds")
        holding += worst == "holds"
        failing |= worst == "FAILS"
        print(f"{number:3}  {worst:7}  " + ", ".join(f"{found[n][0]}::{n}" for n in tests))
    print(f"acceptance: {holding} of {STATEMENTS} hold")
    sys.exit(1 if failing else 0)


main()
