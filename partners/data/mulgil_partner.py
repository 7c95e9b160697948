"""A partner's client of the Mulgil API in one file, standard library only (Python 3.10 or newer).

    api = Partner("https://sandbox.example", "sbx_…", "the secret")
    status, quote = api.call("POST", "/quotes", {"product_code": "DRIVER01", …})

Run it as a script to check that an account works: it signs, is refused where it should be, quotes,
binds, repeats, cancels, binds in bulk and reconciles.

    python mulgil_partner.py https://sandbox.example sbx_… SECRET
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

BASE = "/api/v1"


def signed_headers(
    key: str,
    secret: str,
    method: str,
    path: str,
    body: bytes,
    *,
    timestamp: int | None = None,
    nonce: str = "",
) -> dict[str, str]:
    """Return the five headers that sign a request.

    Args:
        key: id of the key.
        secret: of the key.
        method: GET, POST, PUT.
        path: with the query, from the first slash on.
        body: exactly as it is sent.
        timestamp: seconds since 1970; now.
        nonce: used once; random.
    """
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    once = nonce or secrets.token_hex(16)
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join((method, path, stamp, once, digest))
    mark = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {
        "X-Mulgil-Key": key,
        "X-Mulgil-Timestamp": stamp,
        "X-Mulgil-Nonce": once,
        "X-Mulgil-Content-SHA256": digest,
        "X-Mulgil-Signature": f"v1={mark}",
    }


def webhook_is_ours(header: str, secret: str, body: bytes, *, window: int = 300) -> bool:
    """Say whether a webhook was signed with our secret within the last minutes."""
    parts = header.split(",")
    stamp = next((p[2:] for p in parts if p.startswith("t=")), "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > window:
        return False
    mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(p, f"v1={mark}") for p in parts if p.startswith("v1="))


@dataclass
class Partner:
    """A key and where it is used."""

    url: str
    key: str
    secret: str
    language: str = "en"

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = "application/json",
        idempotency_key: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send a signed request; return status and body, of refusals too."""
        where = BASE + path
        sent = {
            **signed_headers(self.key, self.secret, method, where, body),
            "Content-Type": content_type,
            "Accept-Language": self.language,
            **({"Idempotency-Key": idempotency_key} if idempotency_key else {}),
            **(headers or {}),
        }
        request = urllib.request.Request(
            self.url.rstrip("/") + where, data=body or None, method=method, headers=sent
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def call(
        self, method: str, path: str, given: Any = None, *, idempotency_key: str = ""
    ) -> tuple[int, Any]:
        """Send JSON and read JSON."""
        body = b"" if given is None else json.dumps(given).encode()
        status, answer = self.send(method, path, body, idempotency_key=idempotency_key)
        return status, json.loads(answer or b"null")

    def bulk(
        self, lines: bytes, *, idempotency_key: str, content_type: str = "application/x-ndjson"
    ) -> tuple[int, Any]:
        """Hand in lines to bind; the answer says when they will be done."""
        status, answer = self.send(
            "POST",
            "/bulk-binds",
            lines,
            content_type=content_type,
            idempotency_key=idempotency_key,
        )
        return status, json.loads(answer)

    def wait_for(self, bulk_id: str, seconds: float = 600) -> Any:
        """Ask until a bulk is done."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _status, bulk = self.call("GET", f"/bulk-binds/{bulk_id}")
            if bulk["status"] in ("DONE", "FAILED"):
                return bulk
            time.sleep(1)
        raise TimeoutError(f"{bulk_id} is not done after {seconds} s")


def sample_proposal(product: dict[str, Any], external_id: str) -> dict[str, Any]:
    """Return a proposal that the product as it is in the catalogue should take."""
    plan, sums = product["plans"][0], product["sum_assured"]
    age = min(max(40, product["ages"]["min"]), product["ages"]["max"])
    return {
        "external_id": external_id,
        "product_code": product["product_code"],
        "sum_assured": sums["min"],
        "term_months": plan["term_months"],
        "pay_months": plan["pay_months"][0],
        "answers": {one["code"]: one["default"] for one in product["questions"]},
        "applicant": {
            "name": "홍길동",
            "birth_date": f"{time.gmtime().tm_year - age}-01-15",
            "sex": "F",
            "person_key": external_id,
        },
        "explained": True,
    }


@dataclass
class Conformance:
    """The checks of an account, one after another; each says what it found."""

    partner: Partner
    say: Callable[[str], Any] = print
    product_code: str = ""
    faults: list[str] = field(default_factory=list)
    run: str = field(default_factory=lambda: secrets.token_hex(5))
    product: dict[str, Any] = field(default_factory=dict)
    contract: dict[str, Any] = field(default_factory=dict)

    def check(self, name: str, good: bool, found: Any = "") -> None:
        """Note one check."""
        self.say(f"{'ok  ' if good else 'FAIL'}  {name}" + ("" if good else f": {found}"))
        if not good:
            self.faults.append(name)

    def all(self) -> bool:
        """Do every check; say whether all hold."""
        for step in (
            self.account,
            self.refusals,
            self.catalogue,
            self.quote,
            self.bind,
            self.cancel,
            self.bulk,
        ):
            step()
            if step == self.catalogue and not self.product:
                break
        return not self.faults

    def account(self) -> None:
        """The key opens the door."""
        status, found = self.partner.call("GET", "/account")
        self.check("a signed request is let in", status == 200, found)

    def refusals(self) -> None:
        """What should be refused is refused, with its own code."""
        good = self.partner
        _status, found = replace(good, secret="wrong").call("GET", "/account")
        self.check("a wrong signature is refused", found.get("code") == "signature_wrong", found)
        path = BASE + "/account"
        replay = signed_headers(good.key, good.secret, "GET", path, b"")
        good.send("GET", "/account", headers=replay)
        _status, answer = good.send("GET", "/account", headers=replay)
        found = json.loads(answer)
        self.check("a replayed request is refused", found.get("code") == "request_replayed", found)
        old = signed_headers(
            good.key, good.secret, "GET", path, b"", timestamp=int(time.time()) - 3600
        )
        found = json.loads(good.send("GET", "/account", headers=old)[1])
        late = found.get("code") == "timestamp_outside_window"
        self.check("an old request is refused", late, found)

    def catalogue(self) -> None:
        """There is something to sell."""
        status, found = self.partner.call("GET", "/products")
        self.check("the catalogue is read", status == 200 and bool(found["products"]), found)
        if status == 200 and found["products"]:
            wanted = [p for p in found["products"] if p["product_code"] == self.product_code]
            self.product = (wanted or found["products"])[0]

    def quote(self) -> None:
        """A price comes, and an amount as a string does not pass."""
        wanted = sample_proposal(self.product, "-")
        person = wanted.pop("applicant")
        for name in ("external_id", "explained"):
            wanted.pop(name)
        wanted |= {"birth_date": person["birth_date"], "sex": person["sex"]}
        status, found = self.partner.call("POST", "/quotes", wanted)
        self.check("a risk is quoted", status == 200 and found.get("premium", 0) > 0, found)
        wanted["sum_assured"] = f"{wanted['sum_assured']:,}"
        status, found = self.partner.call("POST", "/quotes", wanted)
        named = [one["code"] for one in found.get("errors", [])] == ["amount_not_integer"]
        self.check("an amount with commas is refused by name", status == 422 and named, found)

    def bind(self) -> None:
        """A contract is made once, however often it is asked."""
        proposal = sample_proposal(self.product, f"c-{self.run}")
        key = f"bind-{self.run}"
        status, found = self.partner.call("POST", "/contracts", proposal, idempotency_key=key)
        self.check("a contract is bound", status == 201, found)
        if status != 201:
            return
        self.contract = found
        again = self.partner.call("POST", "/contracts", proposal, idempotency_key=key)
        self.check("the same key gets the same answer", again == (201, found), again)
        proposal["applicant"]["name"] = "김철수"
        status, other = self.partner.call("POST", "/contracts", proposal, idempotency_key=key)
        self.check("the same key with other content is refused", status == 409, other)
        status, other = self.partner.call(
            "POST", "/contracts", proposal, idempotency_key=f"{key}-2"
        )
        self.check("a used external id is refused", status == 422, other)

    def cancel(self) -> None:
        """The contract is withdrawn from."""
        number = self.contract.get("contract_id", "CON-0000-0000000")
        status, found = self.partner.call(
            "POST",
            f"/contracts/{number}/cancellations",
            {"kind": "WITHDRAWAL", "reason": "conformance"},
            idempotency_key=f"cancel-{self.run}",
        )
        self.check("the contract is withdrawn from", status == 200, found)

    def bulk(self) -> None:
        """Good lines are bound, bad ones refused by name, and the sums are the ledger's."""
        proposals = [sample_proposal(self.product, f"b-{self.run}-{n}") for n in range(20)]
        proposals[3]["sum_assured"] = str(proposals[3]["sum_assured"])
        proposals[7]["external_id"] = proposals[6]["external_id"]
        lines = [json.dumps(one) for one in proposals]
        lines[11] = "{not json"
        body = "\n".join(lines).encode()
        status, found = self.partner.bulk(body, idempotency_key=f"bulk-{self.run}")
        self.check("a bulk is accepted with a promised time", status == 202, found)
        if status != 202:
            return
        done = self.partner.wait_for(found["bulk_id"])
        counts = (done["lines"], done["accepted"], done["refused"])
        self.check("seventeen of twenty lines are bound", counts == (20, 17, 3), done)
        _status, answer = self.partner.send("GET", f"/bulk-binds/{found['bulk_id']}/results")
        codes = {
            one["line"]: one["code"]
            for one in map(json.loads, answer.splitlines())
            if one["status"] == "refused"
        }
        wanted = {4: "amount_not_integer", 8: "external_id_duplicate", 12: "malformed_line"}
        self.check("each bad line has its own reason", codes == wanted, codes)
        _status, proof = self.partner.call("GET", f"/bulk-binds/{found['bulk_id']}/reconciliation")
        self.check("the reconciliation is exact", proof.get("exact") is True, proof)


def main(words: list[str]) -> int:
    """Check an account; 0 where all holds."""
    if len(words) not in (3, 4):
        print(__doc__)
        return 2
    begun = time.monotonic()
    checks = Conformance(Partner(*words[:3]), product_code=words[3] if len(words) == 4 else "")
    good = checks.all()
    verdict = "conforms" if good else f"{len(checks.faults)} checks failed"
    print(f"{verdict} after {time.monotonic() - begun:.1f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
