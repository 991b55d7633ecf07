"""The official Python SDK 10."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from journal import Journal
from journey import tell
from stories import API_KEY, BASE, CLIENT_ID, COOKIE_PASSWORD
from workos import WorkOSClient
from workos.organization_membership import RoleMultiple, RoleSingle
from workos.organizations.models import OrganizationDomainData
from workos.public_client import create_public_client
from workos.session import seal_session_from_auth_response
from workos.user_management import PasswordHashed, PasswordPlaintext


class Sdk10:
    """What version 10 does in its own way."""

    can_clear = True
    grants_take_invitation = True

    def __init__(self, journal: Journal) -> None:
        client = WorkOSClient(api_key=API_KEY, client_id=CLIENT_ID, base_url=BASE)
        self.users = journal.record(client.user_management)
        self.members = journal.record(client.organization_membership)
        self.factors = journal.record(client.multi_factor_auth)
        self.organizations = client.organizations
        self.authorization = client.authorization
        self.events = client.events
        self.version = version("workos")

    def connect(self, key: str) -> Any:
        """Give the user management of another client, with this API key."""
        return WorkOSClient(api_key=key, client_id=CLIENT_ID, base_url=BASE).user_management

    def create(self, *, password: str | None = None, **fields: Any) -> Any:
        """Create a user; `password` is plain text."""
        return self.users.create_user(**fields, password=plain_password(password))

    def create_with_hash(self, *, hashed: str, **fields: Any) -> Any:
        """Create a user with a bcrypt hash."""
        password = PasswordHashed(password_hash=hashed, password_hash_type="bcrypt")
        return self.users.create_user(**fields, password=password)

    def update(self, user_id: str, *, password: str | None = None, **fields: Any) -> Any:
        """Change a user; `password` is plain text."""
        return self.users.update_user(user_id, **fields, password=plain_password(password))

    def by_external_id(self, external_id: str) -> Any:
        """Find a user by the application's own id; this version escapes it."""
        return self.users.get_user_by_external_id(external_id)

    def all_emails(self) -> list[str]:
        """Walk through all users with the SDK's own pagination."""
        return [user.email for user in self.users.list_users().auto_paging_iter()]

    def list_sessions(self, user_id: str, **more: Any) -> Any:
        """List the sessions of a user."""
        return self.users.list_sessions(user_id, **more)

    def seal(self, answer: Any) -> str:
        """Seal the session as an application's sign-in handler does."""
        return seal_session_from_auth_response(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            user=answer.user.to_dict(),
            cookie_password=COOKIE_PASSWORD,
        )

    def cookie(self, sealed: str, password: str = COOKIE_PASSWORD) -> Any:
        """Load a sealed session."""
        return self.users.load_sealed_session(session_data=sealed, cookie_password=password)

    def domain(self, name: str) -> Any:
        """Name a verified domain for a new organization."""
        return OrganizationDomainData.from_dict({"domain": name, "state": "verified"})

    def update_organization(self, organization_id: str, **fields: Any) -> Any:
        """Change an organization."""
        return self.organizations.update_organization(organization_id, **fields)

    def create_membership(self, *, user_id: str, organization_id: str, **roles: Any) -> Any:
        """Make a user a member, with `role_slug` or `role_slugs`."""
        return self.members.create_organization_membership(
            user_id=user_id, organization_id=organization_id, role=role(**roles)
        )

    def update_membership(self, membership_id: str, **roles: Any) -> Any:
        """Replace roles by `role_slug` or `role_slugs`."""
        return self.members.update_organization_membership(membership_id, role=role(**roles))

    def trade_in_public(self, code: str, verifier: str) -> Any:
        """Trade a code by its verifier, without the API key."""
        users = create_public_client(client_id=CLIENT_ID, base_url=BASE).user_management
        return users.authenticate_with_code_pkce(code=code, code_verifier=verifier)

    def send_verification(self, user_id: str) -> Any:
        """Send a code, and give the user."""
        return self.users.send_verification_email(user_id).user

    def verify(self, user_id: str, code: str) -> Any:
        """Confirm an address, and give the user."""
        return self.users.verify_email(user_id, code=code).user

    def create_reset(self, email: str) -> Any:
        """Begin a password reset; this version names it so."""
        return self.users.reset_password(email=email)

    def reset(self, token: str, password: str) -> Any:
        """Set the new password, and give the user."""
        return self.users.confirm_password_reset(token=token, new_password=password).user

    def enroll(self, user_id: str, **fields: Any) -> Any:
        """Enroll an authenticator app."""
        return self.factors.create_user_auth_factor(user_id, type="totp", **fields)

    def list_factors(self, user_id: str, **more: Any) -> Any:
        """List the factors of a user."""
        return self.factors.list_user_auth_factors(user_id, **more)

    def challenge(self, factor_id: str, **fields: Any) -> Any:
        """Challenge a factor."""
        return self.factors.challenge_factor(factor_id, **fields)

    def check(self, challenge_id: str, code: str) -> Any:
        """Answer a challenge outside a sign-in."""
        return self.factors.verify_challenge(challenge_id, code=code)


def plain_password(password: str | None) -> Any:
    """Name a password in this version's types, or none."""
    return PasswordPlaintext(password=password) if password else None


def role(*, role_slug: str | None = None, role_slugs: list[str] | None = None) -> Any:
    """Name one role, several, or none, in this version's types."""
    if role_slug is not None:
        return RoleSingle(role_slug=role_slug)
    return RoleMultiple(role_slugs=role_slugs) if role_slugs is not None else None


if __name__ == "__main__":
    journal = Journal()
    tell(Sdk10(journal), journal)
