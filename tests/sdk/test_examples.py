"""The example of every method, taken from its description and run."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from gatelodge import AsyncSession, AsyncUserManagement, Session, UserManagement, errors, pkce
from tests.sdk.test_methods import PROMISES

PASSWORD = "seventeen yellow herons"
# The cheapest that there is: some fifty users are made here.
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()

# What an example shows that only a person, a mail or a browser could bring: there the refusal is the proof.
REFUSED: dict[str, type[errors.GatelodgeError]] = {
    "authenticate_with_code": errors.InvalidGrant,
    "authenticate_with_device_code": errors.AuthorizationPending,
    "authenticate_with_email_verification": errors.PendingTokenInvalid,
    "authenticate_with_organization_selection": errors.PendingTokenInvalid,
    "authenticate_with_totp": errors.PendingTokenInvalid,
    "confirm_email_change": errors.NoPendingEmailChange,
}


class World(dict[str, Any]):
    """What the examples take for granted, made when it is named."""

    def __init__(self, um: UserManagement, number: int) -> None:
        super().__init__(um=um, password=PASSWORD, new_password=f"{PASSWORD} again", state="s", cookie="a cookie")
        self["pending"] = "a pending token"
        self["code_verifier"] = pkce.generate_code_verifier()
        self._number = number

    def __missing__(self, name: str) -> Any:
        make: Callable[[UserManagement], Any] | None = getattr(self, f"make_{name}", None)
        if make is None:
            raise KeyError(name)
        self[name] = make(self["um"])
        return self[name]

    def make_user(self, um: UserManagement) -> Any:
        return um.create_user(
            f"countess{self._number}@example.org",
            password_hash=HASH,
            password_hash_type="bcrypt",
            email_verified=True,
            external_id=f"crm/47 {self._number}",
        )

    def make_newcomer(self, um: UserManagement) -> Any:
        return um.create_user(f"newcomer{self._number}@example.org", password_hash=HASH, password_hash_type="bcrypt")

    def make_answer(self, um: UserManagement) -> Any:
        return um.authenticate_with_password(self["user"].email, password=PASSWORD)

    def make_session(self, um: UserManagement) -> Any:
        assert self["answer"]
        return um.list_sessions(self["user"].id).data[0]

    def make_verification(self, um: UserManagement) -> Any:
        with pytest.raises(errors.EmailVerificationRequired) as step:
            um.authenticate_with_password(self["newcomer"].email, password=PASSWORD)
        return um.get_email_verification(step.value.email_verification_id)

    def make_code(self, _: UserManagement) -> Any:
        return self["verification"].code

    def make_magic_auth(self, um: UserManagement) -> Any:
        return um.create_magic_auth(self["user"].email)

    def make_reset(self, um: UserManagement) -> Any:
        return um.create_password_reset(self["user"].email)

    def make_device(self, um: UserManagement) -> Any:
        return um.create_device_authorization()

    def make_organization(self, um: UserManagement) -> Any:
        return um.create_organization("Acme", external_id=f"crm {self._number}")

    def make_membership(self, um: UserManagement) -> Any:
        return um.create_organization_membership(self["user"].id, organization_id=self["organization"].id)

    def make_domain(self, um: UserManagement) -> Any:
        return um.create_organization_domain(self["organization"].id, domain=f"acme{self._number}.example")

    def make_invitation(self, um: UserManagement) -> Any:
        return um.send_invitation(self["user"].email, organization_id=self["organization"].id)

    def make_factor(self, um: UserManagement) -> Any:
        return um.create_auth_factor("totp", totp_issuer="Acme", totp_user="ada")

    def make_challenge(self, um: UserManagement) -> Any:
        return um.challenge_auth_factor(self["factor"].id)

    def make_permission(self, um: UserManagement) -> Any:
        return um.create_permission(f"invoices:write-{self._number}", name="Write invoices")

    def make_role(self, um: UserManagement) -> Any:
        role = um.create_organization_role(self["organization"].id, name="Auditor")
        return um.add_organization_role_permission(
            self["organization"].id, role_slug=role.slug, permission_slug=self["permission"].slug
        )

    def make_uri(self, um: UserManagement) -> Any:
        um.create_redirect_uri("https://first.example.com/callback")
        return um.create_redirect_uri("https://second.example.com/callback")

    def make_last_event_id(self, um: UserManagement) -> Any:
        assert self["user"]
        return um.list_events().data[-1].id


def example_of(kind: type, name: str) -> str:
    """Cut the example out of a method's description."""
    documentation = inspect.getdoc(getattr(kind, name)) or ""
    _, found, rest = documentation.partition("\nExample:\n")
    assert found, f"{name} has no example"
    return textwrap.dedent(rest.partition("\n\n")[0])


@pytest.fixture
def um(tmp_path: Path) -> Iterator[UserManagement]:
    with UserManagement.embedded(
        f"sqlite:///{tmp_path}/app.db",
        base_url="https://auth.example.com",
        cookie_password="a password of the tests, which is long enough",
        settings={"dns_resolvers": ["127.0.0.1:9"]},
    ) as client:
        yield client


def test_the_example_of_every_method_runs(um: UserManagement) -> None:
    failed: list[str] = []
    for number, promise in enumerate(PROMISES):
        outcome = run(example_of(UserManagement, promise.name), World(um, number))
        if outcome != REFUSED.get(promise.name):
            failed.append(f"{promise.name}: {outcome}")

    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("name", ["authenticate", "get_logout_url", "refresh"])
def test_the_example_of_every_method_of_a_loaded_session_runs(um: UserManagement, name: str) -> None:
    world = World(um, 0)
    sealed = um.authenticate_with_password(
        world["user"].email, password=PASSWORD, session={"seal_session": True}
    ).sealed_session
    world["session"] = um.load_sealed_session(sealed)

    assert run(example_of(Session, name), world) is None
    made = {"authenticate": "who", "get_logout_url": "url", "refresh": "cookie"}[name]
    expected = {"who": world["user"].email, "url": "https://auth.example.com/user_management/", "cookie": "Fe26.2*"}
    assert world[made].startswith(expected[made])
    assert example_of(AsyncSession, name).replace("await ", "") == example_of(Session, name)


def run(source: str, world: World) -> object:
    """Run an example; give None, the class of the refusal, or what went wrong."""
    try:
        exec(compile(source, "example", "exec"), {}, world)  # noqa: S102  # our own descriptions
    except errors.GatelodgeError as error:
        return type(error)
    except Exception as error:  # noqa: BLE001  # told with the others
        return repr(error)
    return None


def test_the_examples_of_both_faces_differ_in_await_alone() -> None:
    for promise in PROMISES:
        awaited = example_of(AsyncUserManagement, promise.name)

        assert awaited.replace("await ", "") == example_of(UserManagement, promise.name)
        assert ("await " in awaited) is inspect.iscoroutinefunction(getattr(AsyncUserManagement, promise.name))
