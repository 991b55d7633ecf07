"""The official SDKs, unchanged, send browsers to a real server and trade what they bring back."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.clients.refusals import refused_by_oauth

if TYPE_CHECKING:
    from tests.clients.journeys import Journey


def test_a_code_is_traded_once(journey: Journey) -> None:
    answer = journey.value("code")

    assert answer["user"]["email"] == "codes@example.com"
    assert answer.get("organization_id") is None
    refused_by_oauth(journey, "code_again", "invalid_grant")


def test_a_code_with_a_challenge_is_traded_for_its_verifier_alone(journey: Journey) -> None:
    refused_by_oauth(journey, "code_without_verifier", "invalid_request")
    refused_by_oauth(journey, "code_wrong_verifier", "invalid_grant")

    assert journey.value("code_public")["user"]["email"] == "codes@example.com"


def test_a_code_brings_an_invitation_along(journey: Journey) -> None:
    answer = journey.value("code_invited")

    assert answer["organization_id"] == journey.value("select")["organization_id"]
    assert answer["claims"]["role"] == "member"


def test_a_person_comes_back_from_that_address_with_a_code_and_the_state(journey: Journey) -> None:
    assert set(journey.value("authorized")) == {"code", "state"}
    assert journey.value("authorized")["state"] == "s p&ce"


def test_a_person_comes_back_from_an_address_with_pkce_too(journey: Journey) -> None:
    made = journey.value("authorization_url_pkce") if journey.took("authorization_url_pkce") else None
    state = "of its own" if made is None else made["state"]

    assert journey.value("authorized_with_pkce")["state"] == state


def asked_in(address: str) -> dict[str, str]:
    """Give the parameters of an address."""
    return {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}


def test_an_authorization_address_carries_what_was_asked(journey: Journey) -> None:
    address = urlsplit(journey.value("authorization_url"))

    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{journey.base_url}/user_management/authorize"
    assert asked_in(journey.value("authorization_url")) == {
        "client_id": journey.client_id,
        "login_hint": "ada@example.com",
        "provider": "authkit",
        "redirect_uri": "http://localhost:3000/callback",
        "response_type": "code",
        "screen_hint": "sign-up",
        "state": "s p&ce",
    }


def test_an_authorization_address_names_a_connection(journey: Journey) -> None:
    assert asked_in(journey.value("authorization_url_of_connection")) == {
        "client_id": journey.client_id,
        "connection_id": "conn_1",
        "domain_hint": "acme.example",
        "redirect_uri": "http://localhost:3000/callback",
        "response_type": "code",
    }


def test_an_authorization_address_that_leads_nowhere_is_not_made(journey: Journey) -> None:
    if journey.sdk == "python-v10":
        assert "provider" not in asked_in(journey.value("authorization_url_of_nothing"))
        return

    assert journey.error("authorization_url_of_nothing")["status"] is None


def test_an_authorization_address_with_pkce_has_the_challenge_of_its_verifier(journey: Journey) -> None:
    if not journey.took("authorization_url_pkce"):
        assert journey.sdk == "python-v5"
        return
    made = journey.value("authorization_url_pkce")
    query = asked_in(made["url"])
    digest = hashlib.sha256(made["code_verifier"].encode()).digest()

    assert query["code_challenge_method"] == "S256"
    assert query["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert query["state"] == made["state"]
