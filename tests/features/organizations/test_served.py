"""A server's own worker proves domains, asking the name servers of its settings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.harness.nameserver import NameServer

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine


def test_a_running_server_finds_the_proof_by_itself(
    server: StartServer, engine: Engine, fresh_database: FreshDatabase
) -> None:
    with NameServer() as names:
        running = server(
            database_url=fresh_database(engine),
            settings={"GATELODGE_DNS_RESOLVERS": f"{names.address}, 127.0.0.1:9"},
        )
        http = running.http()
        organization = http.post("/organizations", json={"name": "Acme"}).json()
        domain = http.post(
            "/organization_domains", json={"organization_id": organization["id"], "domain": "acme.example"}
        ).json()
        names.texts[f"{domain['verification_prefix']}.acme.example"] = [domain["verification_token"]]

        deadline = time.monotonic() + 30
        state = "pending"
        while state == "pending" and time.monotonic() < deadline:
            time.sleep(0.2)
            state = http.get(f"/organization_domains/{domain['id']}").json()["state"]

    assert state == "verified"
