"""Addresses for a browser, compared byte for byte with those of the official Node SDKs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from gatelodge import AsyncUserManagement, AuthorizationUrl, UserManagement, errors
from tests.harness.clients import Clients, NodeClient
from tests.harness.unavailable import bring

Call: TypeAlias = tuple[str, dict[str, Any]]
Ask: TypeAlias = Callable[[NodeClient, list[Call]], list[dict[str, Any]]]

BASE_URL = "http://127.0.0.1:4310"
CLIENT = "client_01ABC"
BACK = "https://app.example.com/callback"
PROGRAM = Path(__file__).parent / "node" / "urls.mjs"

TEXTS = (
    "",
    "plain",
    "with a blank and  two",
    "a+b",
    "50%",
    "%41%2F",
    "&=?#/:;,@$",
    "!'()*~-_.",
    '"<>\\^`{|}[]',
    "line\nbreak\ttab\r",
    "\x00\x1f\x7f",
    "naïve café",
    "e\u0301 is not é",
    "日本語のテキスト",
    "שלום عليكم",
    "😀👩‍👩‍👧 𝄞",
    "https://app.example.com/a?b=c&d=e#f",
    '{"return":"/dashboard","n":[1,2]}',
    "x" * 2000,
    "Fe26.2*1*abc~def_ghi-jkl",
)
BACKS = (
    "http://localhost:3000/callback",
    "https://app.example.com/callback?next=%2Fhome&x=1",
    "myapp://callback",
    "https://*.example.com/callback",
    "https://例え.jp/戻る",
    "http://[::1]:8080/back",
    "com.example.app:/oauth2redirect",
)
KEYS = "hd access_type a B b A _under -dash Z z 10 9 a_b a-b ab with.dot Hd $price x@y".split()


def authorization_urls() -> Iterator[dict[str, Any]]:
    """Give the arguments of `get_authorization_url` that both sides take."""
    yield from ({"redirect_uri": back, "provider": "authkit"} for back in BACKS)
    yield from ({"redirect_uri": BACK, "provider": "authkit", "state": text} for text in TEXTS)
    yield from ({"redirect_uri": BACK, "connection_id": "conn_1", "login_hint": text} for text in TEXTS[1:15])
    yield from ({"redirect_uri": BACK, "organization_id": "org_1", "domain_hint": text} for text in TEXTS[8:13])
    for provider in ("GoogleOAuth", "MicrosoftOAuth", "GitHubOAuth", "AppleOAuth", "Some Other*Provider"):
        yield {"redirect_uri": BACK, "provider": provider, "prompt": "consent"}
    scopes: tuple[list[str], ...] = ([], ["a"], ["b", "a", "b"], ["https://x/auth/a.b", "with blank,comma", "é"])
    yield from ({"redirect_uri": BACK, "provider": "GoogleOAuth", "provider_scopes": given} for given in scopes)
    maps: tuple[dict[str, Any], ...] = (
        {},
        {"hd": "example.com"},
        {"b": "2", "a": "1", "with blank": "x y", "br[ack]et": "[]"},
        {"flag": True, "off": False, "number": 7, "nothing": None, "empty": ""},
        {key: key for key in KEYS},
        {"ключ": "значение"},
    )
    yield from ({"redirect_uri": BACK, "provider": "GoogleOAuth", "provider_query_params": given} for given in maps)
    yield {"redirect_uri": BACK, "provider": "authkit", "organization_id": "org_1"}
    yield {"redirect_uri": BACK, "provider": "authkit", "connection_id": ""}
    for hint in ("sign-up", "sign-in"):
        yield {"redirect_uri": BACK, "provider": "authkit", "screen_hint": hint}
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    yield {"redirect_uri": BACK, "provider": "authkit", **challenge}
    yield {"redirect_uri": BACK, "provider": "authkit", "client_id": "client_other!"}
    yield {"redirect_uri": BACK, "provider": "authkit", "claim_nonce": "nonce 1"}
    yield {
        "redirect_uri": BACK,
        "provider": "authkit",
        "organization_id": "org_1",
        "state": "s",
        "prompt": "login",
        "login_hint": "ada+1@example.com",
        "domain_hint": "example.com",
        "screen_hint": "sign-up",
        "provider_scopes": ["b", "a"],
        "provider_query_params": {"z": "1", "a": "2"},
        "claim_nonce": "n",
        **challenge,
    }


NEWER: tuple[dict[str, Any], ...] = (
    {"redirect_uri": BACK, "provider": "authkit", "max_age": 0},
    {"redirect_uri": BACK, "provider": "authkit", "max_age": 3600, "invitation_token": "a b&c"},
)
"""What the Node SDK of version 8 leaves out."""

REFUSED_BY_BOTH: tuple[dict[str, Any], ...] = (
    {"redirect_uri": BACK},
    {"redirect_uri": BACK, "provider": "", "connection_id": ""},
    {"redirect_uri": BACK, "provider": "GoogleOAuth", "screen_hint": "sign-up"},
    {"redirect_uri": BACK, "organization_id": "org_1", "screen_hint": "sign-in"},
)
REFUSED_BY_US: tuple[dict[str, Any], ...] = (
    {"redirect_uri": BACK, "provider": "GoogleOAuth", "connection_id": "conn_1"},
    {"redirect_uri": BACK, "provider": "GoogleOAuth", "organization_id": "org_1"},
    {"redirect_uri": BACK, "provider": "authkit", "connection_id": "conn_1"},
    {"redirect_uri": BACK, "connection_id": "conn_1", "organization_id": "org_1"},
    {"redirect_uri": BACK, "provider": "authkit", "connection_id": "conn_1", "organization_id": "org_1"},
    {"redirect_uri": BACK, "connection_id": "conn_1", "max_age": 0},
    {"redirect_uri": BACK, "provider": "authkit", "code_challenge_method": "S256"},
    {"redirect_uri": BACK, "provider": "authkit", "code_challenge": "x", "code_challenge_method": "plain"},
)
"""What every server of this wire would refuse after the redirect (contract page 12 §1)."""

SIGNS = [
    *map(chr, range(128)),
    *"\u00e9\u00df\u0131\ufb00\u65e5\U0001f600\u0301\u200d\u00a0\u2028\ufeff\U0001d11e\u0416\ue000\uffff",
]
"""All of ASCII, and what has a case, a width, a direction or a length of its own."""


class Drawing:
    """Draws arguments; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # nothing here is a secret

    def text(self, most: int = 12, *, signs: list[str] = SIGNS) -> str:
        return "".join(self._chance.choices(signs, k=self._chance.randint(0, most)))

    def value(self) -> Any:
        return self._chance.choice([self.text(), self._chance.randint(-5, 10**12), True, False, None, ""])

    def often(self, chance: float) -> bool:
        return self._chance.random() < chance

    def authorization_url(self) -> dict[str, Any]:
        """Give arguments that go together, whatever is in them."""
        drawn: dict[str, Any] = {"redirect_uri": self._chance.choice([BACK, *BACKS, self.text(20)])}
        chosen = self._chance.choice(["authkit", "provider", "connection_id", "organization_id"])
        if chosen == "authkit":
            drawn |= {"provider": "authkit"} | ({"organization_id": self.text()} if self.often(0.4) else {})
            drawn |= {"screen_hint": self._chance.choice(["sign-in", "sign-up"])} if self.often(0.4) else {}
            drawn |= {"max_age": self._chance.randint(0, 10**6)} if self.often(0.4) else {}
        else:
            drawn |= {chosen: self.text(8).replace("authkit", "") or "P"}
        names = ("state", "login_hint", "domain_hint", "prompt", "claim_nonce", "invitation_token")
        drawn |= {name: self.text() for name in names if self.often(0.4)}
        drawn |= {"client_id": self.text() or "c"} if self.often(0.3) else {}
        drawn |= (
            {"provider_scopes": [self.text() for _ in range(self._chance.randint(0, 4))]} if self.often(0.4) else {}
        )
        # Beyond ASCII, Node sorts the names of a map by tables that Python does not have; a server reads any order.
        keys = [self.text(6, signs=SIGNS[32:127]) for _ in range(self._chance.randint(0, 6))]
        drawn |= {"provider_query_params": {key: self.value() for key in keys}} if self.often(0.5) else {}
        challenge = {"code_challenge": self.text() or "c", "code_challenge_method": "S256"}
        return drawn | (challenge if self.often(0.3) else {})

    def logout_url(self) -> dict[str, Any]:
        return {"session_id": self.text() or "s", "return_to": self._chance.choice([None, self.text(20)])}


LOGOUTS = tuple({"session_id": "session_01", "return_to": text} for text in (None, *TEXTS, *BACKS)) + tuple(
    {"session_id": text} for text in TEXTS[1:12]
)


@pytest.fixture
def um() -> Iterator[UserManagement]:
    with UserManagement("sk_test", client_id=CLIENT, base_url=f"{BASE_URL}/") as client:
        yield client


@pytest.fixture(scope="module")
def ask(clients: Clients) -> Ask:
    """Ask a Node SDK for all addresses of a test in one process."""

    def ask(version: NodeClient, calls: list[Call]) -> list[dict[str, Any]]:
        node = bring(lambda: clients.node(version))
        asked = [{"method": camel(method), "argument": camelled(members)} for method, members in calls]
        done = subprocess.run(
            [str(node.program), str(PROGRAM)],
            input=json.dumps(asked),
            env={"PATH": os.environ["PATH"], "SDK_FOLDER": str(node.folder), "CLIENT_ID": CLIENT},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results: list[dict[str, Any]] = json.loads(done.stdout)
        return results

    return ask


def camel(name: str) -> str:
    """Write a name as Node has it."""
    name = re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
    return name.replace("WithPkce", "WithPKCE")


def camelled(members: dict[str, Any]) -> Any:
    """Write arguments as Node takes them: one object, and undefined where we have None."""
    if set(members) == {"client_id"}:
        return members["client_id"]
    given = {name: value for name, value in members.items() if value is not None}
    if isinstance(query := given.get("provider_query_params"), dict):
        given["provider_query_params"] = {name: value for name, value in query.items() if value is not None}
    return {camel(name): value for name, value in given.items()}


@pytest.mark.parametrize("version", get_args(NodeClient))
def test_every_address_is_that_of_the_official_node_sdk(um: UserManagement, ask: Ask, version: NodeClient) -> None:
    arguments = [*authorization_urls(), *(() if version == "v8" else NEWER)]
    calls: list[Call] = [("get_authorization_url", members) for members in arguments]
    calls += [("get_logout_url", members) for members in LOGOUTS]
    calls += [("get_jwks_url", {"client_id": client_id}) for client_id in (CLIENT, "client-2_~.x")]

    theirs = ask(version, calls)

    ours = [{"value": getattr(um, method)(**members)} for method, members in calls]
    assert len(arguments) >= 60
    for call, our, their in zip(calls, ours, theirs, strict=True):
        assert our == their, call


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_in_an_address_it_is_that_of_the_official_node_sdk(um: UserManagement, ask: Ask, seed: int) -> None:
    drawing = Drawing(seed)
    calls: list[Call] = [("get_authorization_url", drawing.authorization_url()) for _ in range(700)]
    calls += [("get_logout_url", drawing.logout_url()) for _ in range(300)]

    theirs = ask("v11", calls)

    ours = [{"value": getattr(um, method)(**members)} for method, members in calls]
    assert [(call, our, their) for call, our, their in zip(calls, ours, theirs, strict=True) if our != their] == []


def test_what_the_official_node_sdk_refuses_is_refused(um: UserManagement, ask: Ask) -> None:
    calls: list[Call] = [("get_authorization_url", members) for members in REFUSED_BY_BOTH]
    calls += [("get_authorization_url_with_pkce", members) for members in REFUSED_BY_BOTH]
    calls += [("get_logout_url", {"session_id": ""})]

    assert ask("v11", calls) == [{"error": "TypeError"}] * len(calls)
    for method, members in calls:
        with pytest.raises(ValueError, match=r"must|only"):
            getattr(um, method)(**members)


@pytest.mark.parametrize("members", REFUSED_BY_US)
def test_parameters_that_exclude_each_other_are_refused(um: UserManagement, members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"together|only|without|must be"):
        um.get_authorization_url(**members)


def test_an_address_with_pkce_is_that_of_the_official_node_sdk(um: UserManagement, ask: Ask) -> None:
    members = {
        "redirect_uri": BACK,
        "provider": "authkit",
        "organization_id": "org_1",
        "login_hint": "a b",
        "provider_scopes": ["x", "y"],
        "provider_query_params": {"hd": "é"},
        "max_age": 5,
        "prompt": "login",
    }

    (their,) = ask("v11", [("get_authorization_url_with_pkce", members)])
    theirs, ours = their["value"], um.get_authorization_url_with_pkce(**members)  # type: ignore[arg-type]  # a table

    challenge = hide(ours)
    assert hide(AuthorizationUrl(url=theirs["url"], state=theirs["state"], code_verifier=theirs["codeVerifier"]))
    assert mask(ours.url) == mask(theirs["url"])
    assert challenge == parse_qs(urlsplit(ours.url).query)["code_challenge"][0]


def mask(url: str) -> str:
    """Put the drawn values out of an address."""
    return re.sub(r"(state|code_challenge)=[\w-]{43}(?=&|$)", r"\1=…", url)


def hide(drawn: AuthorizationUrl) -> str:
    """See that the state and the challenge in the address are those that were given; give the challenge."""
    asked = parse_qs(urlsplit(drawn.url).query)
    digest = hashlib.sha256(drawn.code_verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert asked["state"] == [drawn.state]
    assert asked["code_challenge"] == [challenge]
    assert asked["code_challenge_method"] == ["S256"]
    return challenge


def test_an_invitation_goes_into_the_address_with_pkce_too(um: UserManagement) -> None:
    drawn = um.get_authorization_url_with_pkce(BACK, provider="authkit", invitation_token="t", claim_nonce="n")

    asked = parse_qs(urlsplit(drawn.url).query)
    assert (asked["invitation_token"], asked["claim_nonce"]) == (["t"], ["n"])


def test_a_challenge_without_a_method_gets_the_only_one(um: UserManagement) -> None:
    url = um.get_authorization_url(BACK, provider="authkit", code_challenge="abc")

    assert parse_qs(urlsplit(url).query)["code_challenge_method"] == ["S256"]


def test_one_scope_as_plain_text_is_one_scope(um: UserManagement) -> None:
    url = um.get_authorization_url(BACK, provider="GoogleOAuth", provider_scopes="email")

    assert parse_qs(urlsplit(url).query)["provider_scopes"] == ["email"]


def test_a_path_before_the_api_is_kept() -> None:
    with UserManagement("", client_id=CLIENT, base_url="https://example.com/auth/") as um:
        assert um.get_logout_url("session_01") == (
            "https://example.com/auth/user_management/sessions/logout?session_id=session_01"
        )
        assert um.get_jwks_url("a/b") == "https://example.com/auth/sso/jwks/a%2Fb"


def test_the_addresses_of_the_asynchronous_client_are_the_same_without_waiting(um: UserManagement) -> None:
    awaited = AsyncUserManagement("sk_test", client_id=CLIENT, base_url=BASE_URL)
    members: dict[str, Any] = {"redirect_uri": BACK, "provider": "authkit", "state": "s"}

    assert awaited.get_authorization_url(**members) == um.get_authorization_url(**members)
    assert mask(awaited.get_authorization_url_with_pkce(BACK, provider="authkit").url) == mask(
        um.get_authorization_url_with_pkce(BACK, provider="authkit").url
    )


def test_an_address_needs_a_client_id_and_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GATELODGE_CLIENT_ID", "WORKOS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    with UserManagement("", base_url=BASE_URL) as um:
        with pytest.raises(errors.ClientIdRequired):
            um.get_authorization_url(BACK, provider="authkit")
        with pytest.raises(errors.ClientIdRequired):
            um.get_jwks_url()
