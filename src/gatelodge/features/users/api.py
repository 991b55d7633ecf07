"""Which operation runs which action; the list of users and their deletion are in `memberships`."""

from gatelodge.contract import sessions, users
from gatelodge.features.users import actions
from gatelodge.kit.route import Lane, Route, may_say


def _sets_password(body: bytes) -> bool:
    return may_say(body, b'"password"')


ROUTES = (
    Route(
        operation=users.CREATE_USER,
        action=actions.create_user,
        lane=Lane.WRITE,
        hashes_when=_sets_password,
    ),
    Route(operation=users.GET_USER, action=actions.get_user, lane=Lane.READ, guarded=True),
    Route(
        operation=users.GET_USER_BY_EXTERNAL_ID,
        action=actions.get_user_by_external_id,
        lane=Lane.READ,
        guarded=True,
    ),
    Route(operation=sessions.LIST_SESSIONS, action=actions.list_sessions, lane=Lane.READ),
    Route(
        operation=users.UPDATE_USER,
        action=actions.update_user,
        lane=Lane.WRITE,
        hashes_when=_sets_password,
    ),
)
