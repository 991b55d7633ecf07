"""SQL on memberships."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatelodge.contract.memberships import MembershipStatus
from gatelodge.features.memberships.rules import Membership
from gatelodge.kit.database import Queries, Question, Row
from gatelodge.kit.paging import Window

_COLUMNS = "id, user_id, organization_id, status, directory_managed, custom_attributes, created_at, updated_at"
_FIND = f"select {_COLUMNS} from organization_memberships where environment_id = :environment_id"


def read_membership(row: Row) -> Membership:
    """Map a row to a membership."""
    return Membership(
        id=row[0],
        user_id=row[1],
        organization_id=row[2],
        status=row[3],
        directory_managed=bool(row[4]),
        custom_attributes=msgspec.json.decode(row[5]),
        created_at=row[6],
        updated_at=row[7],
    )


def insert(queries: Queries, environment_id: str, membership: Membership) -> bool:
    """Store a membership; False when the user has one there."""
    values = msgspec.structs.asdict(membership)
    values["custom_attributes"] = msgspec.json.encode(membership.custom_attributes).decode()
    inserted = queries.run(
        f"""
        insert into organization_memberships (environment_id, {_COLUMNS})
        values (:environment_id, :id, :user_id, :organization_id, :status, :directory_managed,
                :custom_attributes, :created_at, :updated_at)
        on conflict do nothing
        """,
        environment_id=environment_id,
        **values,
    )
    return inserted == 1


def find(queries: Queries, environment_id: str, membership_id: str) -> Membership | None:
    """Find a membership by id."""
    row = queries.one(_FIND + " and id = :id", environment_id=environment_id, id=membership_id)
    return None if row is None else read_membership(row)


def find_pair(queries: Queries, environment_id: str, user_id: str, organization_id: str) -> Membership | None:
    """Find the membership of a user in an organization."""
    row = queries.one(
        _FIND + " and user_id = :user_id and organization_id = :organization_id",
        environment_id=environment_id,
        user_id=user_id,
        organization_id=organization_id,
    )
    return None if row is None else read_membership(row)


def hold_pair(queries: Queries, environment_id: str, user_id: str, organization_id: str) -> Membership | None:
    """Find the membership of a user in an organization and hold its row until the transaction ends."""
    row = queries.one(
        f"""
        update organization_memberships set updated_at = updated_at
         where environment_id = :environment_id and user_id = :user_id and organization_id = :organization_id
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        user_id=user_id,
        organization_id=organization_id,
    )
    return None if row is None else read_membership(row)


def hold(queries: Queries, environment_id: str, membership_id: str) -> Membership | None:
    """Find a membership and hold its row until the transaction ends."""
    row = queries.one(
        f"""
        update organization_memberships set updated_at = updated_at
         where environment_id = :environment_id and id = :id returning {_COLUMNS}
        """,
        environment_id=environment_id,
        id=membership_id,
    )
    return None if row is None else read_membership(row)


def list_window(
    queries: Queries,
    environment_id: str,
    window: Window,
    *,
    user_id: str | None,
    organization_id: str | None,
    statuses: Sequence[str],
) -> list[Row]:
    """List the rows of a page: of one of each status, those at its beginning.

    Each is read from an index up to the size of the page; of several statuses in one
    condition, an index would give the order or the choice, and not both.
    """
    by_user = " and user_id = :user_id" if user_id else ""
    by_organization = " and organization_id = :organization_id" if organization_id else ""
    names = {f"status_{index}": status for index, status in enumerate(dict.fromkeys(statuses))}
    of_each = [_FIND + by_user + by_organization + f" and status = :{name}" + window.clause() for name in names]
    together = " union all ".join(
        f"select * from ({one}) as of_{name}" for one, name in zip(of_each, names, strict=True)
    )
    return queries.all(
        f"select {_COLUMNS} from ({together}) as found {window.order()}",
        environment_id=environment_id,
        **({"user_id": user_id} if user_id else {}),
        **({"organization_id": organization_id} if organization_id else {}),
        **names,
        **window.bind(),
    )


def list_user_ids(queries: Queries, environment_id: str, organization_id: str, window: Window) -> list[Row]:
    """List the ids of a page of an organization's users, whatever the status, by the age of the user.

    Ids of users sort by their age, so the index over a member's two ids serves this page.
    """
    newer, older = window.newer_than[1], window.older_than[1]
    direction = "asc" if window.ascending else "desc"
    return queries.all(
        "select user_id from organization_memberships"
        " where environment_id = :environment_id and organization_id = :organization_id"
        + (" and user_id > :newer" if newer else "")
        + (" and user_id < :older" if older else "")
        + f" order by user_id {direction} limit :page_limit",
        environment_id=environment_id,
        organization_id=organization_id,
        page_limit=window.limit,
        **({"newer": newer} if newer else {}),
        **({"older": older} if older else {}),
    )


def list_of_user(queries: Queries, environment_id: str, user_id: str) -> list[Membership]:
    """List all memberships of a user, oldest first."""
    rows = queries.all(
        _FIND + " and user_id = :user_id order by created_at, id",
        environment_id=environment_id,
        user_id=user_id,
    )
    return [read_membership(row) for row in rows]


def hold_of_user(queries: Queries, environment_id: str, user_id: str) -> list[Membership]:
    """List all memberships of a user, oldest first, and hold their rows until the transaction ends."""
    rows = queries.all(
        f"""
        update organization_memberships set updated_at = updated_at
         where environment_id = :environment_id and user_id = :user_id
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return sorted((read_membership(row) for row in rows), key=lambda held: (held.created_at, held.id))


def ask_for_any(environment_id: str, user_id: str) -> Question:
    """Ask whether a user has any membership, together with whatever else is asked."""
    return Question(
        "select id from organization_memberships where environment_id = :environment_id and user_id = :user_id limit 1",
        1,
        {"environment_id": environment_id, "user_id": user_id},
    )


def list_of_organization(queries: Queries, environment_id: str, organization_id: str, limit: int) -> list[Membership]:
    """List memberships of an organization, those of the oldest users first."""
    rows = queries.all(
        _FIND + " and organization_id = :organization_id order by user_id limit :limit",
        environment_id=environment_id,
        organization_id=organization_id,
        limit=limit,
    )
    return [read_membership(row) for row in rows]


def set_status(
    queries: Queries, environment_id: str, membership_id: str, *, status: MembershipStatus, now: int
) -> None:
    """Change the status of a membership whose row is held, and note that it changed."""
    queries.run(
        """
        update organization_memberships set status = :status, updated_at = :now
         where environment_id = :environment_id and id = :id
        """,
        environment_id=environment_id,
        id=membership_id,
        status=status,
        now=now,
    )


def delete(queries: Queries, environment_id: str, membership_id: str) -> None:
    """Delete a membership with its roles."""
    queries.run(
        "delete from organization_memberships where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=membership_id,
    )
