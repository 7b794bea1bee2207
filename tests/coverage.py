#!/usr/bin/env python3
"""Measures how much of `domain` and `application` the tests of the whole workspace run.

Usage: tests/coverage.py [--files] [arguments for `cargo test`]

Prints lines and regions of each crate, with --files those of each file as well. Needs the LLVM tools of
the compiler's own LLVM: `rustup component add llvm-tools`, or Debian's `llvm-22` and its like. With
HERALD_TEST_POSTGRES unset the tests of PostgreSQL are left out, as they are everywhere.

Code of tests is not counted: folders `tests` and `testing`, files `tests.rs`, and what stands behind
`#[cfg(test)]`. A region of generic code has run when one of its instances has.
"""

import collections
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "coverage"
SIDES = [*sorted(ROOT.glob("domain/*")), ROOT / "application"]
# The tests kill servers, so counters live in a mapped file (%c), which outlives its process.
PROFILES = str(OUT / "%c%p.profraw")
FLAGS = "-Cinstrument-coverage -Cllvm-args=-runtime-counter-relocation"
CODE = 0  # the kind of a region that is code, and neither a gap nor skipped


def tool(name):
    """A tool of the same LLVM as the compiler's: another one cannot read what this one writes."""
    version = subprocess.check_output(["rustc", "-vV"], text=True)
    host = re.search(r"^host: (.+)$", version, re.M)[1]
    major = re.search(r"^LLVM version: (\d+)", version, re.M)[1]
    root = subprocess.check_output(["rustc", "--print", "sysroot"], text=True).strip()
    component = pathlib.Path(root, "lib/rustlib", host, "bin", name)
    found = str(component) if component.exists() else shutil.which(f"{name}-{major}")
    return found or sys.exit(f"{name} is missing: `rustup component add llvm-tools`, or Debian's llvm-{major}")


def run(arguments):
    """Builds and runs the tests: everything that was built to be run, and how the tests ended."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    # Only our own crates are instrumented, so what they depend on is not built again.
    wrapper = OUT / "rustc"
    wrapper.write_text(f'#!/bin/sh\nexec "$@" {FLAGS}\n')
    wrapper.chmod(0o755)
    environment = os.environ | {"RUSTC_WORKSPACE_WRAPPER": str(wrapper), "LLVM_PROFILE_FILE": PROFILES}
    cargo = ["cargo", "test", "--workspace", "--locked", "--no-fail-fast"]
    build = [*cargo, "--no-run", "--message-format=json-render-diagnostics", *arguments]
    built = subprocess.run(build, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    for profile in OUT.glob("*.profraw"):
        profile.unlink()  # what build scripts left
    tests = subprocess.run([*cargo, *arguments], cwd=ROOT, env=environment)
    return [message["executable"] for message in messages if message.get("executable")], tests.returncode


def export(executables, form):
    """What the profiles say about the measured sources."""
    objects = [word for each in executables for word in ("--object", each)]
    sources = [str(side) for side in SIDES]
    profile = f"--instr-profile={OUT}/all.profdata"
    command = [tool("llvm-cov"), "export", f"--format={form}", profile, *objects[1:], "--sources", *sources]
    return subprocess.check_output(command, text=True)


@functools.cache
def first_line_of_tests(path):
    """The line from which on a file is not to be measured: 0 for all of it, none if it has no tests."""
    file = pathlib.Path(path)
    if not any(side in file.parents for side in SIDES):
        return 0  # a macro of another's
    if file.stem in ("tests", "testing") or {"tests", "testing"} & set(file.relative_to(ROOT).parts):
        return 0
    above = [file.parent / "lib.rs", file.parent / "mod.rs", file.parent.with_suffix(".rs")]
    named = rf"#\[cfg\(test\)\]\n(pub(\(crate\))? )?mod {file.stem};"
    if any(parent.exists() and re.search(named, parent.read_text()) for parent in above):
        return 0
    within = re.search(r"^#\[cfg\(test\)\]\nmod \w+ \{", file.read_text(), re.M)
    return file.read_text().count("\n", 0, within.start()) + 1 if within else float("inf")


def regions(executables):
    """The count of every region, by file and place."""
    counts = collections.defaultdict(dict)
    for function in json.loads(export(executables, "text"))["data"][0]["functions"]:
        for *place, count, file, _, kind in function["regions"]:
            path = function["filenames"][file]
            if kind == CODE and place[0] < first_line_of_tests(path):
                place = tuple(place)
                counts[path][place] = max(count, counts[path].get(place, 0))
    return counts


def lines(executables):
    """The count of every line with code, by file."""
    counts = collections.defaultdict(dict)
    path = ""
    for entry in export(executables, "lcov").splitlines():
        key, _, value = entry.partition(":")
        if key == "SF":
            path = value
        elif key == "DA":
            line, count = map(int, value.split(",")[:2])
            if line < first_line_of_tests(path):
                counts[path][line] = count
    return counts


def report(found, by_file):
    """Prints a row for each crate, both sides, and with `by_file` for each file, the emptiest first."""
    rows = collections.defaultdict(lambda: [0, 0, 0, 0])
    for column, counts in enumerate(found):
        for path, of_file in counts.items():
            name = pathlib.Path(path).relative_to(ROOT)
            crate = "/".join(name.parts[: 2 if name.parts[0] == "domain" else 1])
            for row in {crate, name.parts[0], *([str(name)] if by_file else [])}:
                rows[row][column * 2] += sum(count > 0 for count in of_file.values())
                rows[row][column * 2 + 1] += len(of_file)
    rows = sorted(rows.items(), key=lambda row: (row[0].endswith(".rs"), row[0]))
    for name, (line, all_lines, region, all_regions) in rows:
        shares = f"{share(line, all_lines)} of {all_lines:6} lines  {share(region, all_regions)} of {all_regions:6} regions"
        print(f"{shares}  {name}")


def share(part, whole):
    return f"{100 * part / max(whole, 1):5.1f} %"


def main():
    by_file = sys.argv[1:2] == ["--files"]
    executables, status = run(sys.argv[2 if by_file else 1 :])
    profiles = [str(profile) for profile in OUT.glob("*.profraw")]
    (OUT / "profiles").write_text("\n".join(profiles))
    # A process may have died before it had written the head of its file.
    merge = [tool("llvm-profdata"), "merge", "--sparse", "--failure-mode=all", f"--input-files={OUT}/profiles"]
    subprocess.run([*merge, "-o", f"{OUT}/all.profdata"], check=True)
    report([lines(executables), regions(executables)], by_file)
    sys.exit(status)


if __name__ == "__main__":
    main()
