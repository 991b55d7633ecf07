"""Refuse addresses whose domain takes no mail, where the settings say so."""

from __future__ import annotations

from gatelodge.contract.errors import EmailDomainNotDeliverable
from gatelodge.kit.dns import DnsUnavailable, takes_mail
from gatelodge.kit.unit import Unit


def check_mail_domain(unit: Unit, form: str) -> None:
    """Let a normalized address pass whose domain takes mail, or may do so for all that can be known.

    This asks the DNS, so it must run before the transaction.

    Raises:
        EmailDomainNotDeliverable: There is no such domain, or it takes no mail.
    """
    if not unit.settings.check_mail_domains:
        return
    domain = form.rpartition("@")[2].encode("idna").decode("ascii")
    try:
        is_taken = takes_mail(domain, unit.settings.dns_resolvers)
    except DnsUnavailable:
        return
    if not is_taken:
        raise EmailDomainNotDeliverable
