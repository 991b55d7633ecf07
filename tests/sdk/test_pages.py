"""Lists: one page, and all that follow."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sdk.faces import Client
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.shapes import page, user


def queries(recorder: RecordingServer) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(asked.target).query) for asked in recorder.asked]


def test_a_page_gives_its_own_items_and_tells_whether_more_follow(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page(user(1), user(2), before=None, after="user_02")))

    first = client.list_users()

    assert [item.id for item in first] == [item.id for item in first.data] == ["user_01", "user_02"]
    assert len(first) == 2
    assert first.has_more()
    assert first.list_metadata.after == "user_02"
    assert len(recorder.asked) == 1


def test_all_pages_are_walked_with_the_same_filters(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(
        Answer(body=page(user(1), user(2), after="user_02")),
        Answer(body=page(user(3), user(4), before="user_03", after="user_04")),
        Answer(body=page(user(5), before="user_05")),
    )

    found = client.collect(lambda um: um.list_users(organization_id="org_01", limit=2, order="asc"))

    assert [item.id for item in found] == [f"user_0{number}" for number in range(1, 6)]
    same = {"organization_id": ["org_01"], "limit": ["2"], "order": ["asc"]}
    assert queries(recorder) == [same, same | {"after": ["user_02"]}, same | {"after": ["user_04"]}]


def test_walking_on_from_a_page_before_a_position_leaves_that_position_behind(
    client: Client, recorder: RecordingServer
) -> None:
    recorder.answer(Answer(body=page(user(1), after="user_01")), Answer(body=page(user(2))))

    client.collect(lambda um: um.list_users(before="user_02"))

    assert queries(recorder) == [{"before": ["user_02"]}, {"after": ["user_01"]}]


def test_in_normal_order_the_cursors_trade_places(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page(user(2), before="user_02")), Answer(body=page(user(1), after="user_01")))

    found = client.collect(lambda um: um.list_users(order="normal"))

    assert [item.id for item in found] == ["user_02", "user_01"]
    assert queries(recorder) == [{"order": ["normal"]}, {"order": ["normal"], "before": ["user_02"]}]


def test_a_server_that_repeats_a_position_does_not_hold_the_caller_for_ever(
    client: Client, recorder: RecordingServer
) -> None:
    recorder.answer(Answer(body=page(user(1), after="user_01")))

    found = client.collect(lambda um: um.list_users())

    assert len(found) == 2


def test_an_empty_page_ends_the_walk(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page(after="user_09")))

    assert client.collect(lambda um: um.list_users()) == []
    assert len(recorder.asked) == 1


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("list_auth_factors", ["user_01"]),
        ("list_invitations", []),
        ("list_organization_memberships", ["user_01"]),
        ("list_organizations", []),
        ("list_permissions", []),
        ("list_sessions", ["user_01"]),
        ("list_users", []),
    ],
)
def test_every_list_sends_the_positions_the_order_and_the_size_that_are_asked_for(
    client: Client, recorder: RecordingServer, method: str, arguments: list[str]
) -> None:
    recorder.answer(Answer(body=page()))

    getattr(client, method)(*arguments, limit=7, before="id_1", after="id_2", order="asc")

    sent = queries(recorder)[0]
    assert [sent[name] for name in ("limit", "before", "after", "order")] == [["7"], ["id_1"], ["id_2"], ["asc"]]
