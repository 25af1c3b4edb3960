#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints which acceptance statement is held by which test, and whether it holds.

acceptance.py BUILD_DIR

A test carries the number of its statement in its name: spec_062_filterDoesNotApplyToANamesake.
"""

import re
import subprocess
import sys
from pathlib import Path

STATEMENTS = 120
TESTS = Path(__file__).resolve().parent
NAME = re.compile(r"\bspec_(\d{3})_\w+")


def run(build, program, source):
    """function → result, for one test program; what did not get to run counts as failed."""
    source = source.read_text()
    functions = sorted({match.group(0) for match in NAME.finditer(source)} - {""})
    functions = [name for name in functions if not name.endswith("_data")]
    results = dict.fromkeys(functions, "FAILS")
    command = [build / "tests" / program]
    if "QTEST_MAIN" in source and "QTEST_GUILESS_MAIN" not in source:
        command.insert(0, TESTS / "support" / "with-display")
    output = subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
    failed = set()
    for line in output.splitlines():
        match = re.match(r"(PASS|FAIL!|XPASS|SKIP|QFATAL)\s*: \w+::(\w+)\(", line)
        if not match or match.group(2) not in results:
            continue
        name = match.group(2)
        if match.group(1) == "PASS" and name not in failed:
            results[name] = "holds"
        elif match.group(1) == "SKIP":
            failed.add(name)
            results[name] = "skipped: " + line.split(") ", 1)[-1]
        else:
            failed.add(name)
            results[name] = "FAILS"
    return {name: (program, result) for name, result in results.items()}


def main():
    build = Path(sys.argv[1]).resolve()
    found = {}
    for source in [*sorted(TESTS.glob("tst_*.cpp")), *sorted(TESTS.glob("scenarios/tst_*.cpp"))]:
        if NAME.search(source.read_text()):
            found.update(run(build, source.stem, source))

    holding = 0
    failing = False
    for number in range(1, STATEMENTS + 1):
        tests = [name for name in found if int(NAME.match(name).group(1)) == number]
        if not tests:
            print(f"{number:3}  not yet")
            continue
        results = [found[name][1] for name in tests]
        worst = next((result for result in results if result != "holds"), "holds")
        holding += worst == "holds"
        failing |= worst == "FAILS"
        print(f"{number:3}  {worst:7}  " + ", ".join(f"{found[n][0]}::{n}" for n in tests))
    print(f"acceptance: {holding} of {STATEMENTS} hold")
    sys.exit(1 if failing else 0)


main()
