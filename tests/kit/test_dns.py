"""Looking up TXT records at a name server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatelodge.kit.dns import DnsUnavailable, ResolverInvalid, find_texts, read_resolver
from gatelodge.kit.public_mail import is_public_mail_domain
from tests.harness.nameserver import NameServer


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Give a name server that knows nothing yet."""
    with NameServer() as server:
        yield server


def test_all_values_at_a_name_are_found(names: NameServer) -> None:
    names.texts["acme.example"] = ["one", "two words"]

    assert sorted(find_texts("acme.example", [names.address])) == ["one", "two words"]


def test_the_parts_of_a_long_value_are_joined(names: NameServer) -> None:
    names.texts["acme.example"] = ['a" "b']

    assert find_texts("acme.example", [names.address]) == ["ab"]


def test_a_name_that_is_absent_has_no_values(names: NameServer) -> None:
    assert find_texts("acme.example", [names.address]) == []


def test_a_name_server_that_fails_is_no_answer(names: NameServer) -> None:
    names.fails = True

    with pytest.raises(DnsUnavailable):
        find_texts("acme.example", [names.address])


def test_another_name_server_answers_when_the_first_is_silent(names: NameServer) -> None:
    names.texts["acme.example"] = ["here"]

    with NameServer() as failing:
        failing.fails = True
        assert find_texts("acme.example", [failing.address, names.address]) == ["here"]


@pytest.mark.parametrize("name", ["a..b.example", "a" * 64 + ".example", "a." * 130 + "example"])
def test_an_impossible_name_is_no_answer(names: NameServer, name: str) -> None:
    with pytest.raises(DnsUnavailable):
        find_texts(name, [names.address])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(text: str, read: tuple[str, int]) -> None:
    assert read_resolver(text) == read


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:70000"])
def test_anything_else_is_no_resolver(text: str) -> None:
    with pytest.raises(ResolverInvalid):
        read_resolver(text)


def test_public_mail_domains_and_what_is_below_them() -> None:
    assert all(is_public_mail_domain(domain) for domain in ("gmail.com", "mail.gmail.com", "yahoo.co.uk"))
    assert not any(is_public_mail_domain(domain) for domain in ("notgmail.com", "gmail.com.example", "com", "co.uk"))
