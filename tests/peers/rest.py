"""REST as /openapi.json describes it, asked by `schemathesis`: no 5xx, no answer that is not described."""

import os
import subprocess
import sys

from house import Failed, Herald

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def ask(herald, headers, more):
    arguments = [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", f"{herald.url}/openapi.json"]
    arguments += ["--checks", CHECKS, "--seed", "1", "--max-examples", os.environ.get("HERALD_EXAMPLES", "12")]
    arguments += ["--no-color", "--suppress-health-check", "all", *more]
    for name, value in headers.items():
        arguments += ["--header", f"{name}: {value}"]
    return subprocess.run(arguments, cwd=herald.folder.name, check=False).returncode


def main():
    limits = {f"HERALD_LIMIT_{of}": "1000000" for of in ("SESSION", "NOBODY", "SIGN_IN", "KEY")}
    with Herald(HERALD_BILLING="on", HERALD_WAIT_PAGE="2s", **limits) as herald:
        herald.sign_in()
        own = {name: value for name, value in herald.headers().items() if name != "content-type"}
        more = sys.argv[1:]
        for who, headers in (("the owner", own), ("nobody in particular", {})):
            print(f"== {who}", flush=True)
            if ask(herald, headers, more):
                raise Failed(f"{who} heard what is not described")


if __name__ == "__main__":
    main()
