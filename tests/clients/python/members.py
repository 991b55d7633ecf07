"""Organizations, roles and memberships, told by an official Python SDK."""

from __future__ import annotations

from typing import Any, NamedTuple

from journal import page
from stories import COOKIE_PASSWORD, UNKNOWN, Story, entered


class Known(NamedTuple):
    """What the later parts of the story go on with."""

    acme: Any
    beta: Any
    vault: Any
    grace: Any
    hedy: Any


class Members(Story):
    """The second part of the story."""

    def tell(self) -> Known:
        """Take every step."""
        acme, beta, vault = self._organize()
        self._give_roles()
        grace = self._create("grace@example.com")
        membership = self._join(acme, grace)
        hedy = self._deactivate(acme, grace)
        self._select(acme, beta, membership=membership, grace=grace)
        return Known(acme, beta, vault, grace, hedy)

    def _open_cookie(self, sealed: str) -> Any:
        """Authenticate a cookie at one go, where this SDK can."""
        if not hasattr(self._users, "authenticate_with_session_cookie"):
            return self._sdk.cookie(sealed).authenticate()
        return self._users.authenticate_with_session_cookie(session_data=sealed, cookie_password=COOKIE_PASSWORD)

    def _organize(self) -> tuple[Any, Any, Any]:
        """Create, find, list, change and delete organizations."""
        made = self._sdk.organizations
        vault = made.create_organization(name="Vault")
        acme = self._step(
            "org_create",
            lambda: made.create_organization(
                name="Acme",
                domain_data=[self._sdk.domain("acme.example")],
                external_id="crm-acme",
                metadata={"plan": "gold", "region": "us"},
            ),
        )
        beta = made.create_organization(name="Beta")
        gamma = made.create_organization(name="Gamma")
        self._step("org_get", lambda: made.get_organization(acme.id))
        self._step("org_get_by_external_id", lambda: made.get_organization_by_external_id("crm-acme"))
        self._step(
            "org_create_with_taken_external_id",
            lambda: made.create_organization(name="Other", external_id="crm-acme"),
        )
        self._list_organizations()
        removed = None if self._sdk.can_clear else ""
        metadata = {"region": removed, "stage": "live"}
        self._step("org_update", lambda: self._sdk.update_organization(acme.id, name="Acme Works", metadata=metadata))
        self._step("org_delete", lambda: made.delete_organization(gamma.id))
        self._step("org_get_deleted", lambda: made.get_organization(gamma.id))
        return acme, beta, vault

    def _list_organizations(self) -> None:
        """Page through them."""

        def listed(**more: Any) -> dict[str, Any]:
            found = self._sdk.organizations.list_organizations(**more)
            return page(found, lambda organization: organization.name)

        first = self._step("org_list_first", lambda: listed(limit=2, order="asc"))
        second = self._step("org_list_second", lambda: listed(limit=2, order="asc", after=first["after"]))
        self._step("org_list_back", lambda: listed(limit=2, order="asc", before=second["before"]))
        self._step("org_list_by_domain", lambda: listed(domains=["acme.example"]))

    def _give_roles(self) -> None:
        """Make a role with a permission."""
        authorization = self._sdk.authorization
        self._step(
            "permission_create", lambda: authorization.create_permission(slug="reports:read", name="Read reports")
        )
        self._step("role_create", lambda: authorization.create_environment_role(slug="editor", name="Editor"))
        self._step(
            "role_set_permissions",
            lambda: authorization.set_environment_role_permissions("editor", permissions=["reports:read"]),
        )

    def _join(self, acme: Any, grace: Any) -> Any:
        """Make someone a member, then give roles, and look into the tokens."""
        asked = {"user_id": grace.id, "organization_id": acme.id}
        membership = self._step("member_create", lambda: self._sdk.create_membership(**asked))
        self._step("member_create_again", lambda: self._sdk.create_membership(**asked))
        self._step(
            "member_create_unknown_user", lambda: self._sdk.create_membership(**asked | {"user_id": f"user_{UNKNOWN}"})
        )
        self._step(
            "member_create_unknown_organization",
            lambda: self._sdk.create_membership(**asked | {"organization_id": f"org_{UNKNOWN}"}),
        )
        self._step("member_get", lambda: self._sdk.members.get_organization_membership(membership.id))
        session = self._sign_in("grace@example.com")
        self._step("member_signs_in", lambda: entered(session))
        change = self._sdk.update_membership
        self._step("member_update", lambda: change(membership.id, role_slug="editor"))
        self._step("member_refreshes_promoted", lambda: entered(self._refresh(session)))
        self._step("member_update_several", lambda: change(membership.id, role_slugs=["member", "editor"]))
        self._step("member_update_unknown_role", lambda: change(membership.id, role_slug="nothing"))
        sealed = self._sdk.seal(self._sign_in("grace@example.com"))
        self._step("member_cookie", lambda: self._open_cookie(sealed))
        self._step("member_sessions", lambda: list(self._sdk.list_sessions(grace.id).data))
        return membership

    def _deactivate(self, acme: Any, grace: Any) -> Any:
        """Lock a member out and let her in again."""
        hedy = self._create("hedy@example.com")
        members = self._sdk.members
        membership = self._sdk.create_membership(user_id=hedy.id, organization_id=acme.id, role_slug="editor")
        inside = self._sign_in("hedy@example.com")
        self._step("deactivate", lambda: members.deactivate_organization_membership(membership.id))
        self._step("deactivate_again", lambda: members.deactivate_organization_membership(membership.id))
        self._step("deactivated_refreshes", lambda: self._refresh(inside))
        outside = self._sign_in("hedy@example.com")
        self._step("deactivated_signs_in", lambda: entered(outside))
        self._step("deactivated_enters", lambda: self._refresh(outside, organization_id=acme.id))
        self._list_members(acme, grace)
        self._step("reactivate", lambda: members.reactivate_organization_membership(membership.id))
        self._step("reactivate_again", lambda: members.reactivate_organization_membership(membership.id))
        self._step("reactivated_signs_in", lambda: entered(self._sign_in("hedy@example.com")))
        return hedy

    def _list_members(self, acme: Any, grace: Any) -> None:
        """List an active and an inactive member through every filter."""

        def read(one: Any) -> dict[str, Any]:
            return {"who": "grace" if one.user_id == grace.id else "hedy", "status": one.status}

        def listed(**more: Any) -> dict[str, Any]:
            return page(self._sdk.members.list_organization_memberships(order="asc", **more), read)

        of = {"organization_id": acme.id}
        both = ["active", "inactive"]
        self._step("members_list", lambda: listed(**of))
        self._step("members_list_both", lambda: listed(**of, statuses=both))
        self._step("members_list_inactive", lambda: listed(**of, statuses=["inactive"]))
        self._step("members_list_pending", lambda: listed(**of, statuses=["pending"]))
        self._step("members_list_by_user", lambda: listed(user_id=grace.id))
        self._step("members_list_of_nobody", listed)
        first = self._step("members_list_first", lambda: listed(**of, statuses=both, limit=1))
        second = self._step("members_list_second", lambda: listed(**of, statuses=both, limit=1, after=first["after"]))
        self._step("members_list_back", lambda: listed(**of, statuses=both, limit=1, before=second["before"]))
        self._step("list_of_organization", lambda: page(self._users.list_users(**of), lambda user: user.email))

    def _select(self, acme: Any, beta: Any, *, membership: Any, grace: Any) -> None:
        """Choose between two organizations, switch, and lose one."""
        self._sdk.create_membership(user_id=grace.id, organization_id=beta.id)
        asked = self._challenged("selection_required", "grace@example.com")["pending_authentication_token"]

        def choose(organization_id: str, pending: str = asked) -> Any:
            return self._users.authenticate_with_organization_selection(
                organization_id=organization_id, pending_authentication_token=pending
            )

        self._step("select_wrong_pending", lambda: choose(beta.id, "nonsense"))
        self._step("select_unknown", lambda: choose(f"org_{UNKNOWN}"))
        session = choose(beta.id)
        self._step("select", lambda: entered(session))
        self._step("select_again", lambda: choose(beta.id))
        switched = self._refresh(session, organization_id=acme.id)
        self._step("switch", lambda: entered(switched))

        members = self._sdk.members
        self._step("member_delete", lambda: members.delete_organization_membership(membership.id))
        self._step("member_get_deleted", lambda: members.get_organization_membership(membership.id))
        self._step("member_delete_again", lambda: members.delete_organization_membership(membership.id))
        self._step("removed_refreshes", lambda: self._refresh(switched))
        self._step("removed_signs_in", lambda: entered(self._sign_in("grace@example.com")))
