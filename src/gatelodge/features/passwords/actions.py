"""Prepare, store and prove passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gatelodge.contract.errors import (
    Fault,
    InvalidCredentials,
    PasswordAndHashProvided,
    PasswordAndHashTypeProvided,
    PasswordHashInvalid,
    PasswordStrengthError,
    RequestInvalid,
    SaltPositionWithoutHash,
    ServiceUnavailable,
)
from gatelodge.contract.users import Credential
from gatelodge.features.passwords import store
from gatelodge.features.passwords.rules import check_password
from gatelodge.kit.database import Queries, Queued
from gatelodge.kit.hashing import PasswordMismatch, UnusableHash
from gatelodge.kit.unit import Runtime, Unit

if TYPE_CHECKING:
    from gatelodge.kit.leaks import LeakedPasswords

_DECOY_PURPOSE = "password_decoy"
_COLLECTION = "leaked_passwords"


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """The hash that a password was proved against, and the better one to put in its place."""

    stored: str
    version: str
    rehashed: str | None


def prepare_credential(unit: Unit, asked: Credential, *, email: str) -> str | None:
    """Turn what a caller gives as a password into a hash to store; None when nothing is given.

    This hashes, so it must run before the transaction.

    Raises:
        PasswordStrengthError: The password breaks the policy.
        PasswordHashInvalid: The hash cannot be read, or costs more than the caps allow.
        RequestInvalid: A hash came without its type.
    """
    _check_combination(asked)
    if asked.password:
        return prepare_password(unit, asked.password, email=email)
    if not asked.password_hash:
        return None
    if not asked.password_hash_type:
        fault = Fault(code="required", field="password_hash_type")
        raise RequestInvalid(errors=[fault])
    try:
        return unit.hasher.import_hash(
            asked.password_hash, asked.password_hash_type, asked.password_salt_position or "suffix"
        )
    except UnusableHash as fault:
        raise PasswordHashInvalid(str(fault)) from None


def _check_combination(asked: Credential) -> None:
    if asked.password and asked.password_hash:
        raise PasswordAndHashProvided
    if asked.password and asked.password_hash_type:
        raise PasswordAndHashTypeProvided
    if asked.password_salt_position and not asked.password_hash:
        raise SaltPositionWithoutHash
    if asked.password_hash == "" and not asked.password:
        # An empty hash is an unreadable one, not an absent one.
        raise PasswordHashInvalid
    if asked.password_hash_type and not asked.password_hash:
        raise RequestInvalid(errors=[Fault(code="required", field="password_hash")])
    if asked.password == "":
        # An empty password is a short one, not an absent one.
        check_password("", email="", profile="default")


def prepare_password(unit: Unit, password: str, *, email: str, second_factor: bool = False) -> str:
    """Check a new password against the policy, and against leaked ones, and hash it.

    Raises:
        PasswordStrengthError: It breaks the policy, or has leaked.
        ServiceUnavailable: It cannot be looked up, and the settings insist.
    """
    check_password(
        password,
        email=email,
        profile=unit.settings.password_profile,
        second_factor=second_factor,
    )
    _refuse_leaked(unit, password)
    return unit.hasher.hash(password)


def _refuse_leaked(unit: Unit, password: str) -> None:
    """Refuse a password that has leaked somewhere, where the settings say to look.

    Raises:
        PasswordStrengthError: It has leaked.
        ServiceUnavailable: Nobody can tell at the moment, and the settings insist.
    """
    if unit.settings.leaked_passwords == "off":
        return
    # An HTTP client takes its time to import, and few ask.
    from gatelodge.kit.leaks import LeaksUnavailable

    try:
        has_leaked = _collection(unit.runtime).has(password)
    except LeaksUnavailable:
        if unit.settings.leaked_passwords == "require":
            raise ServiceUnavailable("Passwords cannot be set at the moment; try again.", retry_after=15) from None
        return
    if has_leaked:
        message = "This password has leaked from another service, so it is among those that are guessed first."
        raise PasswordStrengthError(errors=[Fault(code="password_pwned", message=message)])


def _collection(runtime: Runtime) -> LeakedPasswords:
    found: LeakedPasswords | None = runtime.memory.get(_COLLECTION)
    if found is None:
        from gatelodge.kit.leaks import LeakedPasswords

        url = runtime.settings.leaked_passwords_url
        found = runtime.memory.setdefault(_COLLECTION, LeakedPasswords(url, runtime.wall_clock))
    return found


def count_unchecked(unit: Unit) -> int:
    """Tell how many new passwords could not be looked up among leaked ones since this was asked last."""
    found: LeakedPasswords | None = unit.runtime.memory.get(_COLLECTION)
    return 0 if found is None else found.take_failed()


def keep(queries: Queries, unit: Unit, user_id: str, password_hash: str) -> None:
    """Store a prepared hash in the running transaction."""
    version = unit.new_id("password")
    environment_id = unit.actor.environment_id
    store.put(
        queries,
        environment_id,
        user_id,
        password_hash=password_hash,
        version=version,
        decoy_place=_find_place(unit, user_id),
        now=unit.now,
    )


def _find_place(unit: Unit, subject: str) -> bytes:
    return unit.sealer.keyed_hash(f"{unit.actor.environment_id}\x1f{subject}", purpose=_DECOY_PURPOSE)


def find_version(queries: Queries, unit: Unit, user_id: str) -> str | None:
    """Name the password that a user has, or give None where there is none.

    What was begun under a password keeps its version and compares it in the end: any
    change of the password in between then voids it, whichever slice made the change.
    """
    return store.find_version(queries, unit.actor.environment_id, user_id)


def remove(queries: Queries, unit: Unit, user_id: str) -> None:
    """Remove a user's password in the running transaction; it proves nothing any more."""
    store.delete(queries, unit.actor.environment_id, user_id)


def has_password(unit: Unit, user_id: str) -> bool:
    """Tell whether a user has a password."""
    return store.find(unit.read, unit.actor.environment_id, user_id) is not None


def ask_for_proof(queries: Queries, unit: Unit, user_id: str | None, *, address: str) -> Queued:
    """Ask for what `prove_by` verifies a password against, with whatever else is asked."""
    place = _find_place(unit, address)
    return store.ask_with_decoy(queries, unit.actor.environment_id, user_id or "", place=place)


def prove(unit: Unit, user_id: str | None, password: str, *, address: str) -> Proved:
    """Verify a password; see `prove_by`."""
    return prove_by(unit, ask_for_proof(unit.read, unit, user_id, address=address), password)


def prove_by(unit: Unit, answer: Queued, password: str) -> Proved:
    """Verify a password with the same work whether or not there is anything to verify.

    An unknown user and a user without a password cost the work of another account's hash,
    always the same for one normalized `address` while that hash stays. So neither the
    answer nor its time tells them apart from a wrong password, even where hashes came from
    elsewhere and take times of their own (docs/decisions/0009).

    Raises:
        InvalidCredentials: There is no such user, no password, or another one.
    """
    found, decoy = store.read_with_decoy(answer)
    if found is None:
        unit.hasher.waste(password, like=decoy)
        raise InvalidCredentials
    stored, version = found
    try:
        verdict = unit.hasher.verify(stored, password)
    except PasswordMismatch:
        raise InvalidCredentials from None
    rehashed = unit.hasher.hash(password) if verdict.needs_rehash else None
    return Proved(stored=stored, version=version, rehashed=rehashed)


def upgrade(queries: Queries, unit: Unit, user_id: str, proved: Proved) -> None:
    """Put the native hash in place of an imported one, unless it has changed meanwhile."""
    if proved.rehashed is not None:
        store.replace(
            queries,
            unit.actor.environment_id,
            user_id,
            old=proved.stored,
            new=proved.rehashed,
            now=unit.now,
        )


def confirm(queries: Queries, unit: Unit, user_id: str, proved: Proved) -> None:
    """Make sure, in the write that opens the session, that the proved password still holds.

    A password changed in between has ended all sessions; a sign-in that proved the old
    one must not open another. An imported hash is replaced by the native one here, once:
    of two sign-ins at a time the second finds it replaced, and the password the same.

    Raises:
        Unmet: The password has changed since it was proved, or is gone; raised at the
            latest by the commit.
    """
    store.require_version(queries, unit.actor.environment_id, user_id, proved.version)
    upgrade(queries, unit, user_id, proved)
