"""Recomputes the published digest vector without any of Herald's code (docs/audit.md)."""

import hashlib
import json
import pathlib

ROW = [
    "post",
    "01890a5d-ac96-774b-bcce-b302099a8057",
    1,
    "post.created",
    "1",
    "2026-11-21T09:00:00.123456Z",
    {"type": "created", "n": 7, "text": "Grüße\n"},
    {"account_id": "acc_0", "via": "graphql"},
]

here = pathlib.Path(__file__).parent
digest, chain = (here / "../application/src/log/vector.txt").read_text().split()

canonical = json.dumps(ROW, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
computed = hashlib.sha256(b"herald.event.v1\n" + canonical.encode()).digest()
assert computed.hex() == digest, f"digest {computed.hex()} is not {digest}"

link = hashlib.sha256(b"herald.chain.v1\n" + bytes(32) + (1).to_bytes(8, "big") + computed)
assert link.hexdigest() == chain, f"chain {link.hexdigest()} is not {chain}"
print("the digest and the chain are as published")
