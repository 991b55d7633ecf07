"""Every format of the official SDKs: opened, written, and not fooled (contract page 31 §1-3)."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from gatelodge import SealedSession, User, errors, seal_session, unseal_session
from gatelodge.contract.sessions import Impersonator
from gatelodge.sdk.sealing.cookies import LARGEST_COOKIE, SealFormat, open_cookie

NOW = 1_768_478_400.0
FORMATS: tuple[SealFormat, ...] = ("iron", "fernet", "go", "ruby")
# A Fernet key is a password that suits every format.
KEY, OTHER_KEY = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"k", b"o"))
VECTORS: dict[str, tuple[str, str]] = {
    name: (sealed, password)
    for name, (sealed, password) in json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8")).items()
}
ADA = User(
    id="user_01",
    email="ada@example.com",
    email_verified=True,
    first_name="Ada",
    metadata={"camelCase": "kept"},
    created_at="2026-01-15T12:00:00.000Z",
    updated_at="2026-01-15T12:00:00.000Z",
)
SESSION = SealedSession(
    access_token="a.b.c",
    refresh_token="r_1",
    user=ADA,
    organization_id="org_1",
    authentication_method="Password",
    impersonator=Impersonator(email="op@example.com", reason="help"),
)


def open_one(sealed: str, *passwords: str, now: float = NOW) -> SealedSession | None:
    opened = open_cookie(sealed, passwords, now=now)
    return None if opened is None else opened.session


@pytest.mark.parametrize("name", sorted(set(VECTORS) - {"iron_of_another_password_id"}))
def test_a_seal_made_elsewhere_by_the_words_of_the_contract_opens(name: str) -> None:
    sealed, password = VECTORS[name]
    opened = open_cookie(sealed, [password], now=NOW)

    assert opened is not None
    assert opened.seal_format == name.split("_", maxsplit=1)[0]
    assert opened.session.user == ADA
    assert (opened.session.access_token, opened.session.refresh_token) == ("a.b.c", "r_1")
    assert opened.session.impersonator == SESSION.impersonator


def test_a_seal_under_another_password_id_does_not_open() -> None:
    assert open_one(*VECTORS["iron_of_another_password_id"]) is None


def test_an_end_is_kept_to_with_a_minute_of_grace() -> None:
    sealed, password = VECTORS["iron_with_an_end"]

    assert open_one(sealed, password, now=NOW + 30) is not None
    assert open_one(sealed, password, now=NOW + 120) is None
    assert open_one(sealed.replace("*1768478400000*", "**"), password) is None


def test_a_seal_in_lines_or_escaped_for_a_url_opens() -> None:
    for name in ("go", "ruby_7"):
        sealed, password = VECTORS[name]
        lines = "\n".join(sealed[at : at + 60] for at in range(0, len(sealed), 60)) + "\n"
        escaped = sealed.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        assert open_one(lines, password) == open_one(escaped, password) == open_one(sealed, password)


@pytest.mark.parametrize("seal_format", FORMATS)
def test_what_is_sealed_opens_to_the_same(seal_format: SealFormat) -> None:
    sealed = seal_session(SESSION, cookie_password=KEY, seal_format=seal_format)

    assert sealed != seal_session(SESSION, cookie_password=KEY, seal_format=seal_format)
    assert unseal_session(sealed, cookie_password=KEY) == SESSION


@pytest.mark.parametrize("seal_format", FORMATS)
def test_members_of_a_user_that_are_left_out_are_empty(seal_format: SealFormat) -> None:
    trimmed = {"access_token": "a.b.c", "user": {"id": "user_01"}}
    sealed = _seal_plain(msgspec.json.encode(trimmed), seal_format)
    session = unseal_session(sealed, cookie_password=KEY)

    assert session is not None
    assert session.user == User(id="user_01", email="", email_verified=False, created_at="", updated_at="")
    assert session.refresh_token == ""


@pytest.mark.parametrize("seal_format", FORMATS)
def test_either_spelling_is_read_in_every_format_and_metadata_is_left_alone(seal_format: SealFormat) -> None:
    user = {"id": "user_01", "firstName": "Ada", "metadata": {"firstName": "x"}, "later": {"more": 1}}
    camel = {"accessToken": "a.b.c", "refreshToken": "r_1", "user": user, "organizationId": "org_1", "unknown": [1]}
    snake = {"access_token": "a.b.c", "refresh_token": "r_1", "user": user, "organization_id": "org_1"}

    sealed = [_seal_plain(msgspec.json.encode(members), seal_format) for members in (camel, snake)]
    first, second = (unseal_session(each, cookie_password=KEY) for each in sealed)

    assert first == second
    assert first is not None
    assert first.user is not None
    assert (first.user.first_name, first.user.metadata) == ("Ada", {"firstName": "x"})


@pytest.mark.parametrize(
    "plain",
    [b"", b"null", b"[]", b"{}", b'{"access_token": 1}', b'{"access_token": "a", "user": []}', b"\xff", b"[" * 9000],
)
@pytest.mark.parametrize("seal_format", FORMATS)
def test_a_seal_around_something_else_holds_no_session(plain: bytes, seal_format: SealFormat) -> None:
    assert unseal_session(_seal_plain(plain, seal_format), cookie_password=KEY) is None


def _seal_plain(plain: bytes, seal_format: SealFormat) -> str:
    from gatelodge.sdk.sealing import fernet, go, iron, ruby

    sealer = {"iron": iron, "fernet": fernet, "go": go, "ruby": ruby}[seal_format]
    return str(sealer.seal(plain, KEY))


def test_ours_is_the_format_of_node_unless_another_is_asked_for() -> None:
    assert seal_session(SESSION, cookie_password=KEY).startswith("Fe26.2*1*")
    assert seal_session(SESSION, cookie_password=KEY).endswith("~2")


@pytest.mark.parametrize("seal_format", FORMATS)
def test_a_changed_byte_anywhere_closes_a_cookie(seal_format: SealFormat) -> None:
    sealed = seal_session(SESSION, cookie_password=KEY, seal_format=seal_format)
    # The version after the last star of an iron seal is outside its mac and picks a layout only.
    end = sealed.index("~") if seal_format == "iron" else len(sealed.rstrip("="))
    for place in range(end):
        # Another letter of the alphabet that differs in its highest bit: no unused bits are hit.
        changed = "g" if sealed[place] in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef" else "A"
        assert open_one(sealed[:place] + changed + sealed[place + 1 :], KEY) is None, place


@pytest.mark.parametrize("seal_format", FORMATS)
def test_a_cookie_cut_short_or_made_longer_does_not_open(seal_format: SealFormat) -> None:
    sealed = seal_session(SESSION, cookie_password=KEY, seal_format=seal_format)
    end = sealed.index("~") if seal_format == "iron" else len(sealed)

    assert all(open_one(sealed[:length], KEY) is None for length in range(end - 5))
    assert open_one("A" + sealed, KEY) is None
    assert open_one(sealed + sealed, KEY) is None


def test_pieces_of_two_cookies_do_not_open() -> None:
    first, second = (seal_session(SESSION, cookie_password=KEY).split("*") for _ in range(2))

    for place in range(2, 8):
        if first[place] != second[place]:
            assert open_one("*".join([*first[:place], second[place], *first[place + 1 :]]), KEY) is None


@pytest.mark.parametrize("seal_format", FORMATS)
def test_another_password_does_not_open(seal_format: SealFormat) -> None:
    sealed = seal_session(SESSION, cookie_password=KEY, seal_format=seal_format)

    assert unseal_session(sealed, cookie_password=OTHER_KEY) is None
    assert unseal_session(sealed, cookie_password="short") is None


@pytest.mark.parametrize("seal_format", FORMATS)
def test_two_passwords_open_old_and_new_and_the_first_seals(seal_format: SealFormat) -> None:
    old = seal_session(SESSION, cookie_password=OTHER_KEY, seal_format=seal_format)
    new = seal_session(SESSION, cookie_password=[KEY, OTHER_KEY], seal_format=seal_format)

    assert unseal_session(old, cookie_password=[KEY, OTHER_KEY]) == SESSION
    assert unseal_session(new, cookie_password=KEY) == SESSION
    assert unseal_session(new, cookie_password=OTHER_KEY) is None


@pytest.mark.parametrize(
    ("seal_format", "password"),
    [("iron", "x" * 31), ("fernet", "x" * 44), ("fernet", "x" * 32), ("go", ""), ("ruby", "x" * 31), ("rot13", KEY)],
)
def test_a_password_that_does_not_suit_the_format_is_refused(seal_format: Any, password: str) -> None:
    with pytest.raises(errors.ConfigurationInvalid) as caught:
        seal_session(SESSION, cookie_password=password, seal_format=seal_format)

    assert password == "" or password not in str(caught.value)


@pytest.mark.parametrize("passwords", ["", [], ["", KEY]])
def test_a_missing_password_is_refused(passwords: Any) -> None:
    with pytest.raises(errors.ConfigurationInvalid, match="GATELODGE_COOKIE_PASSWORD"):
        unseal_session("Fe26.2", cookie_password=passwords)


@pytest.mark.parametrize("seal_format", FORMATS)
def test_a_cookie_that_a_browser_would_drop_is_refused_and_one_below_is_not(seal_format: SealFormat) -> None:
    def seal(length: int) -> str:
        session = msgspec.structs.replace(SESSION, access_token="a" * length)
        return seal_session(session, cookie_password=KEY, seal_format=seal_format)

    assert len(seal(1800)) <= LARGEST_COOKIE == 3800
    with pytest.raises(errors.SessionTooLarge, match="3800") as caught:
        seal(3000)
    assert "aaa" not in str(caught.value)


@pytest.mark.parametrize("start", ["Fe26.2*", "gAAAAA", "AQ", "%41", "\u00e9"])
def test_a_megabyte_costs_nothing(start: str) -> None:
    huge = start + "A" * 1_000_000
    began = time.process_time()

    for _ in range(100):
        assert open_one(huge, KEY) is None

    assert time.process_time() - began < 0.5


def test_nothing_secret_is_shown() -> None:
    assert repr(SESSION) == "<SealedSession of user_01>"


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.text(), st.text("*~.ABab019Fe26-_=%+/"), st.binary().map(lambda raw: base64.b64encode(raw).decode()))
)
def test_any_text_is_refused_without_a_complaint(text: str) -> None:
    for sealed in (text, f"Fe26.2*{text}", f"gAAAA{text}", f"Fe26.2*1*{text}**~2"):
        assert open_one(sealed, KEY, OTHER_KEY) is None


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("abcdefABCDEF0123456789-_", max_size=40), min_size=7, max_size=7), st.text(max_size=4))
def test_any_fields_of_an_iron_seal_are_refused_without_a_complaint(fields: list[str], version: str) -> None:
    assert open_one(f"Fe26.2*{'*'.join(fields)}~{version}", KEY) is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_contents_of_an_honest_seal_are_read_without_a_complaint(plain: bytes) -> None:
    session = open_one(Fernet(KEY).encrypt(plain).decode(), KEY)

    assert session is None or session.access_token is not None
