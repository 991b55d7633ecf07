"""Which operation runs which action; the list of users and their deletion are in `memberships`."""

from gatelodge.contract import sessions, users
from gatelodge.features.users import actions
from gatelodge.kit.route import Lane, Route, may_say


def _choose_lane(body: bytes) -> Lane | None:
    return Lane.HASH if may_say(body, b'"password"') else None


ROUTES = (
    Route(
        operation=users.CREATE_USER,
        action=actions.create_user,
        lane=Lane.WRITE,
        choose_lane=_choose_lane,
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
        choose_lane=_choose_lane,
    ),
)
