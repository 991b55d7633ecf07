"""The official Python SDK 5, the last of the hand-written ones."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from journal import Journal
from journey import tell
from stories import API_KEY, BASE, CLIENT_ID, COOKIE_PASSWORD
from workos import WorkOSClient
from workos.session import Session


class Sdk5:
    """What version 5 does in its own way."""

    # It leaves out what is None, so nothing can be set to null.
    can_clear = False
    grants_take_invitation = False

    def __init__(self, journal: Journal) -> None:
        client = WorkOSClient(api_key=API_KEY, client_id=CLIENT_ID, base_url=BASE)
        self.users = self.members = journal.record(client.user_management)
        self.factors = journal.record(client.mfa)
        self.organizations = client.organizations
        self.authorization = client.authorization
        self.events = client.events
        self.version = version("workos")

    def connect(self, key: str) -> Any:
        """Give the user management of another client, with this API key."""
        return WorkOSClient(api_key=key, client_id=CLIENT_ID, base_url=BASE).user_management

    def create(self, **fields: Any) -> Any:
        """Create a user; `password` is plain text."""
        return self.users.create_user(**fields)

    def create_with_hash(self, *, hashed: str, **fields: Any) -> Any:
        """Create a user with a bcrypt hash."""
        return self.users.create_user(**fields, password_hash=hashed, password_hash_type="bcrypt")

    def update(self, user_id: str, **fields: Any) -> Any:
        """Change a user; `password` is plain text."""
        return self.users.update_user(user_id=user_id, **fields)

    def by_external_id(self, external_id: str) -> Any:
        """Find a user by the application's own id; this version puts it into the path as it is."""
        return self.users.get_user_by_external_id(quote(external_id, safe=""))

    def all_emails(self) -> list[str]:
        """Walk through all users with the SDK's own pagination."""
        return [user.email for user in self.users.list_users()]

    def list_sessions(self, user_id: str, **more: Any) -> Any:
        """List the sessions of a user."""
        return self.users.list_sessions(user_id=user_id, **more)

    def seal(self, answer: Any) -> str:
        """Seal the session as an application's sign-in handler does."""
        return str(Session.seal_data(answer.model_dump(), COOKIE_PASSWORD))

    def cookie(self, sealed: str, password: str = COOKIE_PASSWORD) -> Any:
        """Load a sealed session."""
        return self.users.load_sealed_session(sealed_session=sealed, cookie_password=password)

    def domain(self, name: str) -> Any:
        """Name a verified domain for a new organization."""
        return {"domain": name, "state": "verified"}

    def update_organization(self, organization_id: str, **fields: Any) -> Any:
        """Change an organization."""
        return self.organizations.update_organization(organization_id=organization_id, **fields)

    def create_membership(self, **fields: Any) -> Any:
        """Make a user a member, with `role_slug` or `role_slugs`."""
        return self.members.create_organization_membership(**fields)

    def update_membership(self, membership_id: str, **fields: Any) -> Any:
        """Replace roles by `role_slug` or `role_slugs`."""
        return self.members.update_organization_membership(organization_membership_id=membership_id, **fields)

    def trade_in_public(self, code: str, verifier: str) -> Any:
        """Trade a code by its verifier; this version always brings the API key too."""
        return self.users.authenticate_with_code(code=code, code_verifier=verifier)

    def send_verification(self, user_id: str) -> Any:
        """Send a code, and give the user."""
        return self.users.send_verification_email(user_id)

    def verify(self, user_id: str, code: str) -> Any:
        """Confirm an address, and give the user."""
        return self.users.verify_email(user_id=user_id, code=code)

    def create_reset(self, email: str) -> Any:
        """Begin a password reset."""
        return self.users.create_password_reset(email)

    def reset(self, token: str, password: str) -> Any:
        """Set the new password, and give the user."""
        return self.users.reset_password(token=token, new_password=password)

    def enroll(self, user_id: str, **fields: Any) -> Any:
        """Enroll an authenticator app."""
        return self.users.enroll_auth_factor(user_id=user_id, type="totp", **fields)

    def list_factors(self, user_id: str, **more: Any) -> Any:
        """List the factors of a user."""
        return self.users.list_auth_factors(user_id=user_id, **more)

    def challenge(self, factor_id: str, **fields: Any) -> Any:
        """Challenge a factor."""
        return self.factors.challenge_factor(authentication_factor_id=factor_id, **fields)

    def check(self, challenge_id: str, code: str) -> Any:
        """Answer a challenge outside a sign-in."""
        return self.factors.verify_challenge(authentication_challenge_id=challenge_id, code=code)


if __name__ == "__main__":
    journal = Journal()
    tell(Sdk5(journal), journal)
