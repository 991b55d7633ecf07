from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Ran, Shell
from tests.conftest import StartServer

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "seed.md"
EXAMPLE = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[0]
NOTHING = "Nothing to do: everything is as the file says.\n"
PASSWORD = "correct horse 17"


def write(shell: Shell, text: str) -> str:
    (shell.folder / "seed.yaml").write_text(text, encoding="utf-8")
    return "seed.yaml"


def apply(shell: Shell, text: str, *arguments: str) -> Ran:
    return shell.run("apply", write(shell, text), "--yes", *arguments)


def faults(ran: Ran) -> list[str]:
    assert ran.status == 1, ran
    return [line.removeprefix("gatelodge: seed.yaml:") for line in ran.err.splitlines()]


def members_of(changes: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    return [(each["verb"], each["name"], [detail["member"] for detail in each["details"]]) for each in changes]


def test_the_documents_example_is_applied_once_and_then_there_is_nothing_to_do(installation: Shell) -> None:
    first = apply(installation, EXAMPLE)
    second = installation.run("apply", "seed.yaml")

    assert first.status == 0, first.err
    assert "  + organization Acme\n      external_id: acme\n" in first.out
    assert "  + user ada@example.com\n" in first.out
    assert "      sign_up: open → invitation\n" in first.out
    assert "  > invitation bob@example.com to acme\n" in first.out
    assert (second.status, second.out) == (0, NOTHING)
    assert installation.json("users", "show", "ada@example.com")["user"]["locale"] == "en-GB"


def test_only_what_changed_in_the_file_changes(installation: Shell) -> None:
    apply(installation, EXAMPLE)
    changed = EXAMPLE.replace("first_name: Ada", "first_name: Augusta").replace("plan: team", "plan: large")
    changed = changed.replace("roles: [admin, org-auditor]", "roles: [admin]").replace(
        'permissions: ["invoices:read"]\nrole_order: [admin', "permissions: []\nrole_order: [admin"
    )

    ran = installation.json("apply", write(installation, changed), "--yes")

    assert members_of(ran["changes"]) == [
        ("change", "member", ["permissions"]),
        ("change", "Acme", ["metadata.plan"]),
        ("change", "ada@example.com", ["first_name"]),
        ("change", "ada@example.com in acme", ["roles"]),
    ]
    assert ran["changes"][2]["details"] == [{"member": "first_name", "old": "Ada", "new": "Augusta"}]
    assert installation.run("apply", "seed.yaml").out == NOTHING


def test_a_plan_alone_changes_nothing(installation: Shell) -> None:
    planned = installation.run("apply", write(installation, EXAMPLE), "--plan")

    assert planned.status == 0, planned.err
    assert "  + environment production\n" in planned.out
    assert installation.json("environments", "list") == {"data": []}
    assert apply(installation, EXAMPLE).out.startswith(planned.out)


def test_nothing_changes_when_nobody_is_there_to_answer(small: Shell) -> None:
    ran = small.run("apply", write(small, "users: [{email: ada@example.com}]"))

    assert ran.fault == "Make 1 change? Nobody is there to answer; pass --yes to do it."
    assert "+ user ada@example.com" in ran.out
    assert small.json("users", "list")["data"] == []


def test_a_file_that_names_no_environment_belongs_to_the_only_one_or_the_one_named(small: Shell) -> None:
    text = "users: [{email: ada@example.com}]"
    assert apply(small, text).status == 0
    small.json("environments", "create", "staging")

    assert "name one with --environment" in apply(small, text).fault
    assert apply(small, text, "--environment", "staging").status == 0
    assert "leave out --environment" in apply(small, f"name: staging\n{text}", "--environment", "staging").fault
    assert len(small.json("users", "list", "--environment", "staging")["data"]) == 1


def test_a_file_may_have_several_environments(small: Shell) -> None:
    text = "environments:\n- {name: one, roles: [{slug: boss}]}\n- {name: two, role_order: [member]}\n- {policy: {}}\n"

    assert faults(apply(small, text)) == ["4: an entry of environments: name is missing."]
    assert apply(small, text.replace("- {policy: {}}\n", "")).status == 0
    assert {each["name"] for each in small.json("environments", "list")["data"]} == {"production", "one", "two"}


def test_words_of_the_sign_in_pages_are_given_by_language(small: Shell) -> None:
    wrong = "policy: {sign_in_title: {english: Welcome, de: 7}}"
    right = "policy: {sign_in_title: {en: Welcome, de: Willkommen}}"

    assert faults(apply(small, wrong)) == [
        "1: sign_in_title.de: expected text, but this is a whole number, so put it in quotes.",
        "1: unknown key 'english'; here may stand de, en, fr.",
    ]
    assert "sign_in_title: en 'Welcome', de 'Willkommen'" in apply(small, right).out
    assert small.run("apply", "seed.yaml").out == NOTHING


def test_all_faults_of_a_file_are_told_at_once_with_their_lines(shell: Shell) -> None:
    text = """\
policy:
  mfa_required: yes
  sign_up: maybe
users:
  - emial: ada@example.com
  - email: bob@example.com
    password: 12345678
    metadata: {age: 9}
    memberships: acme
  - email: BOB@example.com
    email: eve@example.com
redirect_uris: ["javascript:alert(1)"]
organisations: []
"""
    assert faults(apply(shell, text)) == [
        "2: mfa_required: expected true or false, but this is text.",
        "3: sign_up: expected one of open, invitation, closed.",
        "5: an entry of users: email is missing.",
        "5: unknown key 'emial'; did you mean 'email'?",
        "7: password: expected text, but this is a whole number, so put it in quotes.",
        "8: metadata.age: expected text, but this is a whole number, so put it in quotes.",
        "9: memberships: expected a list, not one value.",
        "11: the key 'email' is twice here; the first is in line 10.",
        "13: unknown key 'organisations'; did you mean 'organizations'?",
    ]


def test_what_a_file_contradicts_in_itself_is_told_at_once_with_its_lines(shell: Shell) -> None:
    text = """\
users:
  - {email: ada@example.com, password: one long phrase, password_hash: x}
  - {email: ADA@example.com}
  - {email: nobody, reset_password: true}
organizations:
  - {name: Acme, domains: [{domain: gmail.com}]}
  - {name: Acme}
redirect_uris:
  - https://app.example.com/
  - http://app.example.com/
invitations:
  - {email: ada@example.com}
"""
    told = faults(apply(shell, text))

    assert [line.partition(":")[0] for line in told] == ["2", "2", "3", "4", "4", "6", "7", "10", "12"]
    assert "one long phrase" not in "".join(told)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1: the file holds nothing."),
        ("- a\n", "1: the file: expected keys with values, not a list."),
        ("users:\n  - [\n", "3: expected the node content, but found '<stream end>'."),
        ("a: 1\n---\nb: 2\n", "2: but found another document."),
        ("users:\n- email: a@example.com\n  password: !Secret17\n", "3: password: tags are not known here;"),
        ("users:\n- email: a@example.com\n  password: *Secret17\n", "3: found undefined alias here."),
        ('name: "\\UFFFFFFFF"\n', "1: an escape that stands for no character."),
        ("name: a\x07b\n", "1: a character that YAML does not allow."),
        ("[" * 3000, "1: nested too deeply."),
    ],
)
def test_what_is_no_seed_file_is_refused_in_a_line_without_its_secrets(shell: Shell, text: str, fault: str) -> None:
    ran = apply(shell, text)

    assert ran.fault.startswith(f"seed.yaml:{fault}")
    assert "Secret17" not in ran.err


def test_a_file_that_is_missing_or_not_text_is_one_line(shell: Shell) -> None:
    (shell.folder / "latin.yaml").write_bytes(b"name: x\nclient_id: \xe9\n")

    assert shell.run("apply", "gone.yaml").fault == "gone.yaml cannot be read: no such file or directory."
    assert shell.run("apply", "latin.yaml").fault == "latin.yaml:2: this is not UTF-8."


def test_roles_organizations_and_weak_passwords_are_told_before_anything_changes(installation: Shell) -> None:
    text = """\
name: production
roles:
  - {slug: boss, permissions: [nothing]}
default_role: chief
users:
  - email: ada@example.com
    password: short
    memberships:
      - {organization: Nowhere}
invitations:
  - {email: bob@example.com, role: chief}
"""
    told = faults(apply(installation, text))

    assert [line.partition(":")[0] for line in told] == ["1", "3", "6", "9", "11"]
    assert "there is no organization 'Nowhere', neither in this file nor in the database." in told[3]
    assert installation.json("environments", "list") == {"data": []}


def test_an_organization_whose_name_is_not_unique_must_be_named_by_external_id(small: Shell) -> None:
    twins = "organizations:\n- {name: Acme, external_id: one}\n- {name: Acme, external_id: two}\n"
    assert apply(small, twins).status == 0

    told = faults(apply(small, "organizations:\n- {name: Acme}\n"))

    assert told == ["2: organization Acme: 2 organizations are called 'Acme'; name one by its external_id."]


def test_an_organization_and_a_user_that_get_an_external_id_stay_themselves(small: Shell) -> None:
    apply(small, "organizations: [{name: Acme}]\nusers: [{email: ada@example.com}]")
    text = "organizations: [{name: Acme, external_id: a}]\nusers: [{email: ada@example.com, external_id: u}]"

    changes = small.json("apply", write(small, text), "--yes")["changes"]
    renamed = small.json("apply", write(small, text.replace("Acme", "Acme Inc").replace("ada@", "al@")), "--yes")

    assert [each["verb"] for each in changes] == ["change", "change"]
    assert members_of(renamed["changes"]) == [("change", "Acme Inc", ["name"]), ("change", "al@example.com", ["email"])]


def test_a_step_that_fails_leaves_those_before_it_and_running_again_goes_on(installation: Shell) -> None:
    text = """\
name: production
policy: {multiple_roles: false}
roles: [{slug: boss}]
organizations: [{name: Acme}]
users:
  - email: ada@example.com
    password: "correct horse 17"
    memberships:
      - {organization: Acme, roles: [boss, member]}
  - email: bob@example.com
"""
    ran = apply(installation, text)

    assert ran.status == 1
    assert ran.err.startswith("gatelodge: seed.yaml:9: membership ada@example.com in Acme: ")
    assert "\ngatelodge: Applied (5): environment production, policy of the environment, role boss," in ran.err
    assert "\ngatelodge: Not applied (2): membership ada@example.com in Acme, user bob@example.com.\n" in ran.err
    assert PASSWORD not in ran.out + ran.err
    again = installation.json("apply", write(installation, text.replace("[boss, member]", "[boss]")), "--yes")
    assert [each["name"] for each in again["changes"]] == ["ada@example.com in Acme", "bob@example.com"]
    assert all(each["applied"] for each in again["changes"])


def test_passwords_and_hashes_are_shown_nowhere(installation: Shell) -> None:
    ran = apply(installation, EXAMPLE)
    other = installation.run("apply", write(installation, EXAMPLE), "--json", "--plan")

    for secret in (PASSWORD, "$2b$10$"):
        assert secret in EXAMPLE
        assert secret not in ran.out + ran.err + other.out + other.err


def test_a_served_seed_signs_in_and_a_password_chosen_since_stays_unless_it_is_to_be_reset(
    server: StartServer, shell: Shell
) -> None:
    text = f"users:\n- {{email: ada@example.com, email_verified: true, password: {PASSWORD}}}\n"
    running = server(arguments=("--seed", str(shell.folder / write(shell, text))))
    place = ("--dev", "--database", running.database_url)
    http = running.http()

    def sign_in(password: str) -> int:
        grant = {"grant_type": "password", "client_id": "client_dev", "client_secret": "sk_test_default"}
        body = grant | {"email": "ada@example.com", "password": password}
        return http.post("/user_management/authenticate", json=body).status_code

    assert sign_in(PASSWORD) == 200
    user = http.get("/user_management/users").json()["data"][0]
    http.put(f"/user_management/users/{user['id']}", json={"password": "another phrase 18"}).raise_for_status()
    assert apply(shell, text, *place).out == NOTHING
    assert sign_in("another phrase 18") == 200
    reset = text.replace("password:", "reset_password: true, password:")
    assert shell.json("apply", write(shell, reset), "--yes", *place)["changes"][0]["name"] == "ada@example.com"
    assert (sign_in(PASSWORD), sign_in("another phrase 18")) == (200, 400)
    assert apply(shell, reset, *place).out == NOTHING


def test_an_invitation_that_was_revoked_and_a_member_that_was_shut_out_stay_so(
    server: StartServer, shell: Shell
) -> None:
    text = """\
organizations: [{name: Acme}]
users: [{email: ada@example.com, memberships: [{organization: Acme}]}]
invitations: [{email: bob@example.com, organization: Acme}]
"""
    running = server(arguments=("--seed", str(shell.folder / write(shell, text))))
    http = running.http()
    (invitation,) = http.get("/user_management/invitations").json()["data"]
    params = {"organization_id": invitation["organization_id"]}
    (member,) = http.get("/user_management/organization_memberships", params=params).json()["data"]

    http.post(f"/user_management/invitations/{invitation['id']}/revoke").raise_for_status()
    http.put(f"/user_management/organization_memberships/{member['id']}/deactivate").raise_for_status()

    assert apply(shell, text, "--dev", "--database", running.database_url).out == NOTHING
    back = text.replace("organization: Acme}]}]", "organization: Acme, status: active}]}]")
    assert "status: inactive → active" in apply(shell, back, "--dev", "--database", running.database_url).out


def test_a_domain_is_added_beside_others_and_vouching_leaves_their_proofs(server: StartServer, shell: Shell) -> None:
    text = "organizations: [{name: Acme, domains: [{domain: a.example.com, verified: true}]}]\n"
    running = server(arguments=("--seed", str(shell.folder / write(shell, text))))
    more = text.replace("}]}]", "}, {domain: b.example.com}, {domain: c.example.com, verified: true}]}]")

    ran = apply(shell, more, "--dev", "--database", running.database_url)

    assert ran.status == 0, ran.err
    (acme,) = running.http().get("/organizations").json()["data"]
    states = {domain["domain"]: domain["state"] for domain in acme["domains"]}
    assert states == {"a.example.com": "verified", "b.example.com": "pending", "c.example.com": "verified"}


def test_a_server_does_not_start_on_a_seed_that_is_wrong_or_without_development_mode(shell: Shell) -> None:
    write(shell, "users:\n- {emial: x}\n")

    assert "seed.yaml:2: unknown key 'emial'" in shell.run("serve", "--dev", "--seed", "seed.yaml").err
    assert shell.run("serve", "--seed", "seed.yaml").fault.startswith("--seed goes with --dev;")
    assert not (shell.folder / "var").exists()
