# SPDX-License-Identifier: MIT
"""Payloads made from the files of this machine: the same ones on every run, kept between runs.

A payload is a directory with `tree`, `archive.zip`, and the next version of both: `tree2`, in which one
per cent has changed, and `archive2.zip`.
"""

import json
import os
import random
import shutil
import stat
import subprocess
import zipfile
import zlib
from pathlib import Path

RECIPE = 1  # part of every stamp: a change here makes every payload anew
KIB, MIB = 1024, 1024 * 1024

# What a quick run makes smaller.
FULL = {"small": 20_000, "large": 1_000 * MIB, "mixed": (7_800, 200, 120, 600 * MIB), "few": 20}
QUICK = {"small": 2_000, "large": 100 * MIB, "mixed": (780, 20, 12, 60 * MIB), "few": 20}
HUGE = 4_300_000_000  # bytes of the single entry: more than 32 bits count


def regular_files(*roots):
    """(path, size) of every file below that is not empty, each inode once, in order of path."""
    found, known = [], set()
    for root in roots:
        for directory, names, files in os.walk(root):
            names.sort()
            for name in sorted(files):
                path = os.path.join(directory, name)
                if not path.isascii() or not path.isprintable() or "\\" in path:
                    continue
                status = os.lstat(path)
                inode = (status.st_dev, status.st_ino)
                if not stat.S_ISREG(status.st_mode) or status.st_size == 0 or inode in known:
                    continue
                if os.access(path, os.R_OK):
                    known.add(inode)
                    found.append((path, status.st_size))
    return found


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def spread(files, count):
    """`count` of them, evenly spaced; all if there are not more."""
    if len(files) <= count:
        return files
    return [files[index * len(files) // count] for index in range(count)]


def small_files(count, largest):
    files = [file for file in regular_files("/usr/include", "/usr/share") if file[1] <= largest]
    if len(files) < count:
        files = [file for file in regular_files("/usr") if file[1] <= largest]
    if len(files) < count:
        raise RuntimeError(f"this machine has {len(files)} of {count} small files below /usr")
    return spread(files, count)


def programs(smallest):
    files = regular_files("/usr/lib", "/usr/bin")
    return [file for file in files if file[1] > smallest and is_elf(file[0])]


def choose_small(size):
    return small_files(size, 64 * KIB)


def choose_few(size):
    return small_files(size, 64 * KIB)


def choose_large(size):
    chosen, total = [], 0
    for file in programs(3 * MIB):
        if total < size:
            chosen.append(file)
            total += file[1]
    if total < size * 0.9:
        raise RuntimeError(f"this machine has {total // MIB} of {size // MIB} MB in ELF files over 3 MB")
    return chosen


def choose_mixed(size):
    small, large, _, total = size
    chosen = small_files(small, 256 * KIB)
    room = total - sum(file[1] for file in chosen)
    candidates = sorted(programs(300 * KIB), key=lambda file: (file[1], file[0]))
    # The largest stay out until an even choice of the others fits.
    while candidates and sum(file[1] for file in spread(candidates, large)) > room:
        candidates.pop()
    return sorted(set(chosen) | set(spread(candidates, large)))


def copy(files, tree):
    for path, _ in files:
        to = tree / path.lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
        to.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def link(tree, count):
    """The short name of a library beside it, as packages bring them: a relative link."""
    libraries = sorted(path for path in tree.rglob("*") if path.is_file() and is_elf(path))
    for number in range(count):
        library = libraries[number % len(libraries)]
        name = f"{library.name.split('.so')[0]}-{number}.so"
        (library.parent / name).symlink_to(library.name)


def change(tree, changed):
    """One file in a hundred, or the one nearest to a hundredth of all bytes, gets other bytes."""
    subprocess.run(["cp", "-al", tree, changed], check=True)
    files = sorted(path for path in changed.rglob("*") if path.is_file() and not path.is_symlink())
    sizes = {path: path.stat().st_size for path in files}
    chosen = files[50::100]
    if len(files) < 1_000:
        hundredth = sum(sizes.values()) / 100
        chosen = [min(files, key=lambda path: abs(sizes[path] - hundredth))]
    for path in chosen:
        content, mode = path.read_bytes(), path.stat().st_mode
        path.unlink()  # the other tree keeps its inode
        path.write_bytes(content[len(content) // 2:] + content[: len(content) // 2] + b"\n")
        path.chmod(mode)


def zip_tree(tree, archive):
    subprocess.run(["zip", "-6", "-q", "-r", "-y", archive, "."], cwd=tree, check=True)


class Payloads:
    def __init__(self, directory, sizes, say):
        self.directory, self.sizes, self.say = Path(directory), sizes, say

    def made(self, name):
        """The directory of a payload, made now unless it is there already."""
        home = self.directory / name
        stamp = json.dumps([RECIPE, name, HUGE if name == "huge" else self.sizes[name]])
        mark = home / "stamp"
        if mark.is_file() and mark.read_text() == stamp:
            return home
        self.say(f"making the payload {name} in {home}")
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        if name == "huge":
            self.make_huge(home)
        else:
            files = globals()[f"choose_{name}"](self.sizes[name])
            copy(files, home / "tree")
            if name == "mixed":
                link(home / "tree", self.sizes[name][2])
            zip_tree(home / "tree", home / "archive.zip")
            change(home / "tree", home / "tree2")
            zip_tree(home / "tree2", home / "archive2.zip")
        mark.write_text(stamp)
        return home

    def make_huge(self, home):
        """One entry that no cache holds and no 32 bits count; half of it compresses, half does not."""
        source = zipfile.ZipInfo("image.bin", (2026, 1, 1, 0, 0, 0))
        source.external_attr = (stat.S_IFREG | 0o644) << 16
        source.create_system = 3
        source.compress_type = zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(home / "archive.zip", "w", compresslevel=1) as archive:
            source._compresslevel = 1
            with archive.open(source, "w", force_zip64=True) as entry:
                for block in huge_blocks():
                    entry.write(block)


def huge_blocks():
    """The bytes of the huge entry: blocks of half noise, half words, in an order that does not repeat."""
    maker = random.Random(4)
    words = [maker.randbytes(maker.randint(3, 9)).hex().encode() for _ in range(500)]
    blocks = []
    for _ in range(64):
        text = b" ".join(maker.choices(words, k=4_000))
        blocks.append((maker.randbytes(128 * KIB) + text.ljust(128 * KIB, b"."))[: 256 * KIB])
    left = HUGE
    while left > 0:
        block = blocks[maker.randrange(len(blocks))][:left]
        left -= len(block)
        yield block


def huge_crc():
    crc = 0
    for block in huge_blocks():
        crc = zlib.crc32(block, crc)
    return crc


def crc_of(path):
    crc = 0
    with open(path, "rb") as file:
        while block := file.read(4 * MIB):
            crc = zlib.crc32(block, crc)
    return crc
