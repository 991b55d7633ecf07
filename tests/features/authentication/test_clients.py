"""Who may call `authenticate`: a key in the header, a secret in the body, both, or neither (contract page 11 §1)."""

from __future__ import annotations

import pytest

from tests.features.neighbours import issue_key, move_in, revoke_key
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, PASSWORD, House

AUTHENTICATE = "/user_management/authenticate"
ADA = {"grant_type": "password", "email": "ada@example.com", "password": PASSWORD}

# Header, secret and client; then the status, and the `error` of the answer.
CALLS = [
    ("ours", "ours", "ours", 200, None),
    ("ours", None, "ours", 200, None),
    (None, "ours", "ours", 200, None),
    ("ours", "second", "ours", 200, None),
    ("second", "ours", "ours", 200, None),
    (None, None, "ours", 400, "unauthorized_client"),
    (None, "", "ours", 400, "unauthorized_client"),
    ("theirs", "ours", "ours", 400, "unauthorized_client"),
    ("ours", "theirs", "ours", 400, "unauthorized_client"),
    ("ours", "theirs", "theirs", 400, "unauthorized_client"),
    ("theirs", "theirs", "ours", 400, "invalid_client"),
    ("theirs", None, "ours", 400, "invalid_client"),
    (None, "theirs", "ours", 400, "invalid_client"),
    ("ours", "ours", "theirs", 400, "invalid_client"),
    ("ours", "revoked", "ours", 400, "invalid_client"),
    (None, "revoked", "ours", 400, "invalid_client"),
    ("ours", "ours", "unknown", 400, "invalid_client"),
    (None, "revoked", "unknown", 400, "invalid_client"),
    (None, None, "unknown", 400, "invalid_client"),
    ("ours", "ours", None, 400, "invalid_request"),
    ("revoked", "revoked", "ours", 401, None),
    ("revoked", "ours", "ours", 401, None),
]


@pytest.mark.parametrize(("header", "secret", "client", "status", "error"), CALLS)
def test_a_client_is_who_its_keys_say(  # as many as a call has parts
    house: House, header: str | None, secret: str | None, client: str | None, *, status: int, error: str | None
) -> None:
    house.create_user()
    neighbour = move_in(house)
    neighbour.create_user()
    _, second = issue_key(house, ENVIRONMENT)
    revoked_id, revoked = issue_key(house, ENVIRONMENT)
    revoke_key(house, ENVIRONMENT, revoked_id)
    keys = {"ours": KEY, "second": second, "theirs": neighbour.key, "revoked": revoked, "": "", None: None}
    clients = {"ours": CLIENT, "theirs": neighbour.client_id, "unknown": "client_x", None: None}

    given = {"client_id": clients[client], "client_secret": keys[secret]}
    answer = house.call("POST", AUTHENTICATE, {**given, **ADA}, key=keys[header])

    assert (answer.status, answer.json.get("error")) == (status, error)
    assert ("access_token" in answer.json) is (status == 200)
