"""The README's walk-through, subscriptions and an audit of /graphql, by clients of npm's."""

import os
import pathlib
import subprocess

from house import Failed, Herald


def main():
    with Herald() as herald:
        herald.sign_in()
        environment = os.environ | {
            "HERALD_URL": herald.url, "HERALD_SESSION": herald.session, "HERALD_ACCOUNT": herald.account,
        }
        script = pathlib.Path(os.environ["HERALD_PEERS"]) / "graphql.mjs"
        script.write_text((pathlib.Path(__file__).parent / "graphql.mjs").read_text())
        if subprocess.run(["node", script], env=environment, check=False).returncode:
            raise Failed("a third-party client fell out with /graphql")


if __name__ == "__main__":
    main()
