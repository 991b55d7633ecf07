"""Which operation runs which action; deleting an organization is up to those above it."""

from gatelodge.contract import organization_domains, organizations, roles
from gatelodge.features.organizations import actions, domains, own_roles
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=roles.ADD_ORGANIZATION_ROLE_PERMISSION,
        action=own_roles.add_organization_role_permission,
        lane=Lane.WRITE,
    ),
    Route(operation=organizations.CREATE_ORGANIZATION, action=actions.create_organization, lane=Lane.WRITE),
    Route(
        operation=organization_domains.CREATE_ORGANIZATION_DOMAIN,
        action=domains.create_organization_domain,
        lane=Lane.WRITE,
    ),
    Route(operation=roles.CREATE_ORGANIZATION_ROLE, action=own_roles.create_organization_role, lane=Lane.WRITE),
    Route(
        operation=organization_domains.DELETE_ORGANIZATION_DOMAIN,
        action=domains.delete_organization_domain,
        lane=Lane.WRITE,
    ),
    Route(operation=roles.DELETE_ORGANIZATION_ROLE, action=own_roles.delete_organization_role, lane=Lane.WRITE),
    Route(operation=organizations.GET_ORGANIZATION, action=actions.get_organization, lane=Lane.READ),
    Route(
        operation=organizations.GET_ORGANIZATION_BY_EXTERNAL_ID,
        action=actions.get_organization_by_external_id,
        lane=Lane.READ,
    ),
    Route(
        operation=organization_domains.GET_ORGANIZATION_DOMAIN,
        action=domains.get_organization_domain,
        lane=Lane.READ,
    ),
    Route(operation=roles.GET_ORGANIZATION_ROLE, action=own_roles.get_organization_role, lane=Lane.READ),
    Route(operation=roles.LIST_ORGANIZATION_ROLES, action=own_roles.list_organization_roles, lane=Lane.READ),
    Route(operation=organizations.LIST_ORGANIZATIONS, action=actions.list_organizations, lane=Lane.READ),
    Route(
        operation=roles.REMOVE_ORGANIZATION_ROLE_PERMISSION,
        action=own_roles.remove_organization_role_permission,
        lane=Lane.WRITE,
    ),
    Route(
        operation=roles.SET_ORGANIZATION_ROLE_PERMISSIONS,
        action=own_roles.set_organization_role_permissions,
        lane=Lane.WRITE,
    ),
    Route(operation=organizations.UPDATE_ORGANIZATION, action=actions.update_organization, lane=Lane.WRITE),
    Route(operation=roles.UPDATE_ORGANIZATION_ROLE, action=own_roles.update_organization_role, lane=Lane.WRITE),
    Route(
        operation=organization_domains.VERIFY_ORGANIZATION_DOMAIN,
        action=domains.verify_organization_domain,
        lane=Lane.WRITE,
    ),
)
