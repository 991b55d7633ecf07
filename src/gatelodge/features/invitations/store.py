"""SQL on invitations."""

from __future__ import annotations

import msgspec

from gatelodge.features.invitations.rules import StoredInvitation, open_key
from gatelodge.kit.database import Queries, Row
from gatelodge.kit.paging import Window

_COLUMNS = (
    "id, email, email_normalized, organization_id, inviter_user_id, accepted_user_id, role_slug,"
    " token, term, locale, accepted_at, revoked_at, expires_at, created_at, updated_at"
)
_FIND = f"select {_COLUMNS} from invitations where environment_id = :environment_id"


def read_invitation(row: Row) -> StoredInvitation:
    """Map a row to an invitation."""
    return StoredInvitation(
        id=row[0],
        email=row[1],
        email_normalized=row[2],
        organization_id=row[3],
        inviter_user_id=row[4],
        accepted_user_id=row[5],
        role_slug=row[6],
        token=row[7],
        term=row[8],
        locale=row[9],
        accepted_at=row[10],
        revoked_at=row[11],
        expires_at=row[12],
        created_at=row[13],
        updated_at=row[14],
    )


def insert(queries: Queries, environment_id: str, invitation: StoredInvitation, *, token_hash: bytes) -> bool:
    """Store an invitation; False when the address has an open one there."""
    inserted = queries.run(
        f"""
        insert into invitations (environment_id, token_hash, open_key, {_COLUMNS})
        values (:environment_id, :token_hash, :open_key, :id, :email, :email_normalized,
                :organization_id, :inviter_user_id, :accepted_user_id, :role_slug, :token, :term,
                :locale, :accepted_at, :revoked_at, :expires_at, :created_at, :updated_at)
        on conflict do nothing
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        open_key=open_key(invitation.email_normalized, invitation.organization_id),
        **msgspec.structs.asdict(invitation),
    )
    return inserted == 1


def close_expired(queries: Queries, environment_id: str, key: str, *, now: int) -> None:
    """Let go of what an expired invitation occupies."""
    queries.run(
        """
        update invitations set open_key = null
         where environment_id = :environment_id and open_key = :key and expires_at <= :now
        """,
        environment_id=environment_id,
        key=key,
        now=now,
    )


def hold_open(queries: Queries, environment_id: str, key: str) -> None:
    """Hold an open invitation, if there is one, until the transaction ends."""
    queries.run(
        "update invitations set updated_at = updated_at where environment_id = :environment_id and open_key = :key",
        environment_id=environment_id,
        key=key,
    )


def change_role(queries: Queries, environment_id: str, key: str, *, role_slug: str, now: int) -> None:
    """Change the role that an open invitation leads to."""
    queries.run(
        """
        update invitations set role_slug = :role_slug, updated_at = :now
         where environment_id = :environment_id and open_key = :key
        """,
        environment_id=environment_id,
        key=key,
        role_slug=role_slug,
        now=now,
    )


def find(queries: Queries, environment_id: str, invitation_id: str) -> StoredInvitation | None:
    """Find an invitation by id."""
    row = queries.one(_FIND + " and id = :id", environment_id=environment_id, id=invitation_id)
    return None if row is None else read_invitation(row)


def find_by_token(queries: Queries, environment_id: str, token_hash: bytes) -> StoredInvitation | None:
    """Find an invitation by the hash of its token."""
    row = queries.one(_FIND + " and token_hash = :token_hash", environment_id=environment_id, token_hash=token_hash)
    return None if row is None else read_invitation(row)


def find_environment(queries: Queries, token_hash: bytes) -> str | None:
    """Find the environment of a token: a link in a mail names none."""
    row = queries.one("select environment_id from invitations where token_hash = :token_hash", token_hash=token_hash)
    return None if row is None else str(row[0])


def list_window(
    queries: Queries,
    environment_id: str,
    window: Window,
    *,
    organization_id: str | None,
    email_normalized: str | None,
) -> list[Row]:
    """List the rows of a page."""
    by_organization = " and organization_id = :organization_id" if organization_id else ""
    by_email = " and email_normalized = :email_normalized" if email_normalized else ""
    return queries.all(
        _FIND + by_organization + by_email + window.clause(),
        environment_id=environment_id,
        organization_id=organization_id,
        email_normalized=email_normalized,
        **window.bind(),
    )


def accept(
    queries: Queries, environment_id: str, invitation_id: str, *, user_id: str, now: int
) -> StoredInvitation | None:
    """Spend a pending invitation; None when it is not pending."""
    row = queries.one(
        f"""
        update invitations
           set accepted_at = :now, accepted_user_id = :user_id, open_key = null, updated_at = :now
         where environment_id = :environment_id and id = :id
           and accepted_at is null and revoked_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        id=invitation_id,
        user_id=user_id,
        now=now,
    )
    return None if row is None else read_invitation(row)


def revoke(queries: Queries, environment_id: str, invitation_id: str, *, now: int) -> StoredInvitation | None:
    """Revoke a pending invitation; None when it is not pending."""
    row = queries.one(
        f"""
        update invitations set revoked_at = :now, open_key = null, updated_at = :now
         where environment_id = :environment_id and id = :id
           and accepted_at is null and revoked_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        id=invitation_id,
        now=now,
    )
    return None if row is None else read_invitation(row)


def renew(
    queries: Queries, environment_id: str, invitation_id: str, *, locale: str | None, now: int
) -> StoredInvitation | None:
    """Begin the term of a pending invitation again; None when it is not pending."""
    row = queries.one(
        f"""
        update invitations
           set expires_at = :now + term, locale = coalesce(:locale, locale), updated_at = :now
         where environment_id = :environment_id and id = :id
           and accepted_at is null and revoked_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        id=invitation_id,
        locale=locale,
        now=now,
    )
    return None if row is None else read_invitation(row)
