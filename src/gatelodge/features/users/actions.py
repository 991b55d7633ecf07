"""Create, find, list, change and delete users."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from gatelodge.contract.errors import (
    EmailInvalid,
    EmailManaged,
    EmailNotAvailable,
    ExternalIdTaken,
    Fault,
    NotFound,
    ServiceUnavailable,
    UserCreationError,
)
from gatelodge.contract.paging import ListMetadata, Page
from gatelodge.contract.sessions import ListSessions, UserSession
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import (
    CreateUser,
    ExternalUserId,
    ListUsers,
    UpdateUser,
    User,
    UserId,
)
from gatelodge.features.applications import actions as applications
from gatelodge.features.events import actions as events
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.users import store
from gatelodge.features.users.rules import (
    NotAnEmail,
    check_locale,
    find_email_form,
    normalize_email,
    require_email_form,
)
from gatelodge.kit.database import Queries, Question, Queued, Row, UniqueViolation
from gatelodge.kit.mail_templates import Values
from gatelodge.kit.metadata import merge_metadata
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit


def get_user(unit: Unit, asked: UserId) -> User:
    """Get a user by id.

    Raises:
        NotFound: This environment has no such user.
    """
    user = store.find(unit.read, unit.actor.environment_id, asked.user_id)
    if user is None:
        raise NotFound.of("User", asked.user_id)
    return user


def get_user_by_external_id(unit: Unit, asked: ExternalUserId) -> User:
    """Get a user by the caller's own identifier.

    Raises:
        NotFound: This environment has no such user.
    """
    user = store.find_by_external_id(unit.read, unit.actor.environment_id, asked.external_id)
    if user is None:
        raise NotFound.of("User", asked.external_id)
    return user


def find_user(unit: Unit, user_id: str) -> User | None:
    """Find a user by id."""
    return store.find(unit.read, unit.actor.environment_id, user_id)


def ask_for_chosen(unit: Unit, choice: Question) -> Question:
    """Ask for the user whose id another question gives, together with whatever else is asked."""
    return store.ask_for_chosen(unit.actor.environment_id, choice)


def read_user(answer: Row | None) -> User | None:
    """Read the answer to `ask_for_chosen`."""
    return None if answer is None else store.read_user(answer)


def find_user_by_email(unit: Unit, email: str) -> User | None:
    """Find a user by an address, regardless of its letter case."""
    form = find_email_form(email)
    return None if form is None else find_user_by_form(unit, form)


def find_user_by_form(unit: Unit, form: str) -> User | None:
    """Find a user by the normalized form of an address; what is no such form finds nobody."""
    return store.find_by_email(unit.read, unit.actor.environment_id, form)


def find_users(queries: Queries, unit: Unit, user_ids: Sequence[str]) -> dict[str, User]:
    """Find users by their ids; those that are gone are left out."""
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        return {}
    return {user.id: user for user in store.list_by_ids(queries, unit.actor.environment_id, wanted)}


def list_users(unit: Unit, asked: ListUsers) -> Page[User]:
    """List users, newest first, all or of one address; of organizations `memberships` knows."""
    window = open_window(asked, "user")
    form = None
    if asked.email:
        form = find_email_form(asked.email)
        if form is None:
            return Page(data=[], list_metadata=ListMetadata())
    rows = store.list_window(unit.read, unit.actor.environment_id, window, email_normalized=form)
    return fold_page(asked, window, rows, store.read_user, identify=lambda user: user.id)


def list_sessions(unit: Unit, asked: ListSessions) -> Page[UserSession]:
    """List a user's active sessions, newest first.

    Raises:
        NotFound: This environment has no such user.
    """
    get_user(unit, UserId(user_id=asked.user_id))
    return sessions.list_active(unit, asked)


def create_user(unit: Unit, asked: CreateUser) -> User:
    """Create a user; no mail is sent.

    Two requests racing with one address make one user, and the later is told that the
    address is not available.

    Raises:
        UserCreationError: The address is taken.
        ExternalIdTaken: The external id is taken.
        RequestInvalid: The address is none.
        PasswordStrengthError: The password breaks the policy.
    """
    email = asked.email.strip()
    form = require_email_form(email)
    metadata = {} if asked.metadata is UNSET else merge_metadata({}, asked.metadata)
    password_hash = passwords.prepare_credential(unit, asked, email=form)
    now = write_timestamp(unit.now)
    user = User(
        id=unit.new_id("user"),
        email=email,
        email_verified=bool(asked.email_verified),
        first_name=asked.first_name or None,
        last_name=asked.last_name or None,
        name=asked.name or None,
        external_id=asked.external_id or None,
        metadata=metadata,
        # Whoever signs up on a page goes on in its language; the wire has none to give.
        locale=unit.actor.language,
        created_at=now,
        updated_at=now,
    )

    def write(queries: Queries) -> User:
        environment_id = unit.actor.environment_id
        if not store.insert(queries, environment_id, user, email_normalized=form, now=unit.now):
            raise _taken(queries, environment_id, form)
        if password_hash is not None:
            passwords.keep(queries, unit, user.id, password_hash)
        events.record(queries, unit, "user.created", user)
        return user

    return unit.conclude(write)


def _taken(queries: Queries, environment_id: str, form: str) -> UserCreationError | ExternalIdTaken:
    if store.find_by_email(queries, environment_id, form) is None:
        return ExternalIdTaken()
    fault = Fault(code="email_not_available", message="This email is not available.")
    return UserCreationError(errors=[fault])


def update_user(unit: Unit, asked: UpdateUser) -> User:
    """Change what is given of a user; a new password ends all of its sessions.

    Who had a proved address is told there that it changed, and that a password they had did.

    Raises:
        NotFound: This environment has no such user.
        EmailManaged: An identity provider has the say over the address as it is.
        EmailNotAvailable: Another user has the address.
        ExternalIdTaken: Another user has the external id.
    """
    current = get_user(unit, UserId(user_id=asked.user_id))
    form = _changed_form(unit, current, asked)
    check_locale(None if asked.locale is UNSET else asked.locale)
    password_hash = passwords.prepare_credential(unit, asked, email=form)
    may_tell = password_hash is not None or asked.email is not UNSET
    sends_mail = may_tell and applications.find_policy(unit).sends_mail
    had_password = password_hash is not None and passwords.has_password(unit, current.id)

    def write(queries: Queries) -> User:
        held = store.lock(queries, unit.actor.environment_id, asked.user_id)
        if held is None:
            raise NotFound.of("User", asked.user_id)
        changed = _apply(held, asked)
        user = _write_change(queries, unit, held, changed)
        if password_hash is not None:
            passwords.keep(queries, unit, user.id, password_hash)
            sessions.end_all(queries, unit, user.id)
        if sends_mail and held.email_verified:
            _tell_owner(queries, unit, held, user, had_password=had_password)
        if user != held or password_hash is not None:
            events.record(queries, unit, "user.updated", user)
        return user

    try:
        return unit.conclude(write)
    except UniqueViolation:
        # A racer took the address or the id between our look and our write; the second
        # look tells which.
        return unit.conclude(write)


def _tell_owner(queries: Queries, unit: Unit, held: User, changed: User, *, had_password: bool) -> None:
    """Tell of changes at the address as it was: whoever makes them must not be the one who is told."""
    if had_password:
        post_mail(queries, unit, "password_changed", to=held.email, locale=held.locale, values={})
    if find_email_form(changed.email) != find_email_form(held.email):
        values: Values = {"new_email": changed.email, "done": 1}
        post_mail(queries, unit, "email_change_notice", to=held.email, locale=held.locale, values=values)


def _changed_form(unit: Unit, current: User, asked: UpdateUser) -> str:
    email = current.email if asked.email is UNSET else asked.email.strip()
    try:
        form = normalize_email(email)
    except NotAnEmail:
        raise EmailInvalid from None
    if email != current.email and form != find_email_form(current.email):
        _refuse_managed(unit, current)
    return form


def _refuse_managed(unit: Unit, current: User) -> None:
    if organizations.is_managed(unit, current.email):
        raise EmailManaged


def _apply(held: User, asked: UpdateUser) -> User:
    changes: dict[str, object] = {}
    for member in ("first_name", "last_name", "name", "external_id", "locale"):
        value = getattr(asked, member)
        if value is not UNSET:
            changes[member] = value or None
    if asked.metadata is not UNSET:
        changes["metadata"] = merge_metadata(held.metadata, asked.metadata)
    if asked.email is not UNSET and asked.email.strip() != held.email:
        changes["email"] = asked.email.strip()
        # A new address is unproved unless the caller vouches for it; another spelling
        # of the same address proves what the old one did.
        if find_email_form(asked.email) != find_email_form(held.email):
            changes["email_verified"] = False
    if asked.email_verified is not UNSET and asked.email_verified is not None:
        changes["email_verified"] = asked.email_verified
    return msgspec.structs.replace(held, **changes)


def _write_change(queries: Queries, unit: Unit, held: User, changed: User) -> User:
    if changed == held:
        return held
    environment_id = unit.actor.environment_id
    form = normalize_email(changed.email)
    if store.has_other_with_email(queries, environment_id, held.id, form):
        raise EmailNotAvailable
    if changed.external_id and changed.external_id != held.external_id:
        other = store.find_by_external_id(queries, environment_id, changed.external_id)
        if other is not None:
            raise ExternalIdTaken
    return store.update(queries, environment_id, changed, email_normalized=form, now=unit.now)


def hold_user(queries: Queries, unit: Unit, user_id: str) -> User | None:
    """Find a user and hold its row until the transaction ends; None when it is gone.

    Whatever decides by a user's address or password, and then changes what hangs on it,
    holds the row first: two such changes then come one after the other.
    """
    return store.lock(queries, unit.actor.environment_id, user_id)


def ensure_user(queries: Queries, unit: Unit, email: str) -> User:
    """Find the user of an address within a transaction, or create one that is unverified.

    Two transactions racing with one address make one user.

    Raises:
        RequestInvalid: The address is none.
    """
    environment_id = unit.actor.environment_id
    form = require_email_form(email)
    found = store.find_by_email(queries, environment_id, form)
    if found is not None:
        return found
    now = write_timestamp(unit.now)
    user = User(id=unit.new_id("user"), email=email.strip(), email_verified=False, created_at=now, updated_at=now)
    if store.insert(queries, environment_id, user, email_normalized=form, now=unit.now):
        events.record(queries, unit, "user.created", user)
        return user
    found = store.find_by_email(queries, environment_id, form)
    if found is None:
        raise ServiceUnavailable
    return found


def mark_verified(queries: Queries, unit: Unit, user_id: str) -> User | None:
    """Note within a transaction that a user's address is proved; None when the user is gone.

    Noting it again changes nothing and tells nobody.
    """
    environment_id = unit.actor.environment_id
    verified = store.verify(queries, environment_id, user_id, now=unit.now)
    if verified is None:
        return store.find(queries, environment_id, user_id)
    events.record(queries, unit, "user.updated", verified)
    return verified


def change_email(queries: Queries, unit: Unit, held: User, *, email: str) -> User:
    """Give a user whose row is held another address, which has just been proved.

    Raises:
        EmailNotAvailable: Another user has the address.
        UniqueViolation: Another user takes it in this moment; the transaction is over.
    """
    changed = msgspec.structs.replace(held, email=email, email_verified=True)
    user = _write_change(queries, unit, held, changed)
    events.record(queries, unit, "user.updated", user)
    return user


def stamp_sign_in(queries: Queries, unit: Unit, user_id: str) -> Queued:
    """Write down a sign-in within its transaction; that holds the user's row, as `hold_user` does."""
    return store.stamp_sign_in(queries, unit.actor.environment_id, user_id, unit.now)


def read_stamped(stamped: Queued) -> User:
    """Read the user whose sign-in was written down.

    Raises:
        NotFound: The user is gone.
    """
    row = stamped.one()
    if row is None:
        raise NotFound
    return store.read_user(row)


def remove(queries: Queries, unit: Unit, user_id: str) -> None:
    """Delete a user within a transaction: its sessions end, and all that hangs on it goes with it.

    Whoever stands above has ended its memberships already.

    Raises:
        NotFound: This environment has no such user.
    """
    user = hold_user(queries, unit, user_id)
    if user is None:
        raise NotFound.of("User", user_id)
    sessions.end_all(queries, unit, user.id)
    store.delete(queries, unit.actor.environment_id, user.id)
    events.record(queries, unit, "user.deleted", user)
