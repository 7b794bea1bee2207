"""Checks the documents: links lead somewhere, and every test that they name exists."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# `test: name_of_the_test` in docs/requirements.md and docs/promises.md.
TEST = re.compile(r"`test: ([a-z0-9_]+)`")

tracked = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
).stdout.split("\n")
documents = [ROOT / name for name in tracked if name.endswith(".md")]
sources = [ROOT / name for name in tracked if name.endswith((".rs", ".py"))]

problems = []


def anchors(text):
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}


for document in documents:
    text = document.read_text()
    for target in LINK.findall(text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        aim = (document.parent / path).resolve() if path else document
        if not aim.exists():
            problems.append(f"{document.relative_to(ROOT)}: {target} leads nowhere")
        elif anchor and aim.suffix == ".md" and anchor not in anchors(aim.read_text()):
            problems.append(f"{document.relative_to(ROOT)}: {target} names no heading")

code = "\n".join(source.read_text() for source in sources)
known = set(re.findall(r"\bfn ([a-z0-9_]+)", code)) | set(re.findall(r"\bdef ([a-z0-9_]+)", code))
named = 0
for document in documents:
    for name in TEST.findall(document.read_text()):
        named += 1
        if name not in known:
            problems.append(f"{document.relative_to(ROOT)}: there is no test `{name}`")

for problem in problems:
    print(problem, file=sys.stderr)
print(f"{len(documents)} documents, {named} named tests, {len(problems)} problems")
sys.exit(1 if problems else 0)
