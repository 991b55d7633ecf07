"""What goes over the wire to a mail server: secured, signed in, well formed, and nothing smuggled in."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from gatelodge.kit.settings import SettingsInvalid, read_settings
from tests.harness.certificates import Certificate, make_certificate
from tests.harness.mail_servers import PASSWORD, USER, MailServer, mail_server
from tests.outbox.conftest import OpenHouse


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_starttls_and_a_sign_in_come_before_the_mail(house: OpenHouse, certificate: Certificate) -> None:
    with mail_server(starttls=certificate.server_context(), sign_in=True) as server:
        ours = house(
            smtp_port=server.port,
            smtp_security="starttls",
            smtp_ca_file=str(certificate.certificate_file),
            smtp_user=USER,
            smtp_password=PASSWORD,
        )
        ours.post()
        ours.send()

        assert [posted.attempts for posted in ours.listed("sent")] == [1], ours.log.getvalue()
        assert server.signed_in == [USER.encode()]


def test_tls_from_the_first_byte_is_spoken_too(house: OpenHouse, certificate: Certificate) -> None:
    with mail_server(tls=certificate.server_context(), sign_in=True) as server:
        ours = house(
            smtp_port=server.port,
            smtp_security="tls",
            smtp_ca_file=str(certificate.certificate_file),
            smtp_user=USER,
            smtp_password=PASSWORD,
        )
        ours.post()
        ours.send()

        assert [posted.attempts for posted in ours.listed("sent")] == [1], ours.log.getvalue()
        assert server.signed_in == [USER.encode()]


def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(house: OpenHouse, certificate: Certificate) -> None:
    with mail_server(starttls=certificate.server_context(), sign_in=True) as server:
        ours = house(smtp_port=server.port, smtp_security="starttls", smtp_user=USER, smtp_password=PASSWORD)
        ours.post()
        ours.send()

        assert ours.only("waiting").last_error == "SSLCertVerificationError"
        assert server.signed_in == []
        assert server.mails == []


def test_a_certificate_of_another_name_is_refused(house: OpenHouse, tmp_path: Path) -> None:
    others = make_certificate(tmp_path, address="127.0.0.2")
    with mail_server(starttls=others.server_context()) as server:
        ours = house(smtp_port=server.port, smtp_security="starttls", smtp_ca_file=str(others.certificate_file))
        ours.post()
        ours.send()

        assert ours.only("waiting").last_error == "SSLCertVerificationError"
        assert server.mails == []


def test_mail_is_not_sent_in_clear_when_the_server_does_not_offer_tls(house: OpenHouse, smtp: MailServer) -> None:
    ours = house(smtp_port=smtp.port, smtp_security="starttls")
    ours.post()
    ours.send()

    assert ours.only("waiting").last_error == "SMTPNotSupportedError"
    assert smtp.mails == []


def test_a_wrong_password_is_tried_again_since_it_may_be_put_right(house: OpenHouse, certificate: Certificate) -> None:
    with mail_server(starttls=certificate.server_context(), sign_in=True) as server:
        ours = house(
            smtp_port=server.port,
            smtp_ca_file=str(certificate.certificate_file),
            smtp_security="starttls",
            smtp_user=USER,
            smtp_password="wrong",
        )
        ours.post()
        ours.send()

        assert ours.only("waiting").last_error == "SMTPAuthenticationError 535"
        assert server.mails == []


def test_a_mail_is_what_mail_programs_expect(house: OpenHouse, smtp: MailServer) -> None:
    ours = house(smtp_port=smtp.port, brand_name="Acme", mail_from_name="Acme Accounts")
    ours.post("password_reset", values={"link": "https://auth.example.com/reset?token=" + "a" * 80, "minutes": 60})
    ours.send()

    [mail] = smtp.mails
    row = ours.only("sent")
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["From"] == "Acme Accounts <accounts@acme.example>"
    assert mail["Message-ID"] == f"<{row.id}@acme.example>"
    assert mail["Date"].datetime.timestamp() * 1000 == ours.clock.now()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en"
    assert "https://auth.example.com/reset?token=" + "a" * 80 in body(mail, "plain")
    content = smtp.envelopes[0].content
    assert isinstance(content, bytes)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_other_alphabets_arrive_as_they_were_written(house: OpenHouse, smtp: MailServer) -> None:
    ours = house(smtp_port=smtp.port)
    ours.post(
        "invitation",
        locale="de",
        values={"link": "https://a.example/i", "inviter_name": "Åsa 👩‍🚀", "organization_name": "株式会社"},
    )
    ours.send()

    [mail] = smtp.mails
    assert mail["Subject"] == "Ihre Einladung zu 株式会社"
    assert "Åsa 👩‍🚀 lädt Sie ein, 株式会社" in body(mail, "plain")
    assert "Åsa 👩‍🚀 lädt Sie ein, 株式会社" in body(mail, "html")


@pytest.mark.parametrize(
    "breaking", ["\r\nBcc: mallory@example.com", "\nBcc: mallory@example.com\n\nhello", "\u2028Bcc: m"]
)
def test_a_name_cannot_bring_a_header_or_a_body_in(house: OpenHouse, smtp: MailServer, breaking: str) -> None:
    ours = house(smtp_port=smtp.port)
    ours.post(
        "invitation",
        values={
            "link": "https://a.example/i",
            "inviter_name": f"Ada{breaking}",
            "organization_name": f"Engines{breaking}",
            "brand": f"Acme{breaking}",
        },
    )
    ours.send()

    [mail] = smtp.mails
    assert smtp.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert mail["Bcc"] is None
    assert "Bcc: m" in str(mail["Subject"])
    assert len(mail.get_all("Subject", [])) == 1
    assert mail.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: mallory@example.com",
        "ada@example.com\nDATA",
        "ada@example.com, mallory@example.com",
        "Ada <mallory@example.com>",
        "ada@example.com> SIZE=1 <x@y.example",
        "",
    ],
)
def test_an_address_that_is_more_than_an_address_gets_nothing(house: OpenHouse, smtp: MailServer, address: str) -> None:
    ours = house(smtp_port=smtp.port)
    ours.post(to=address)
    ours.send()

    assert smtp.mails == []
    assert ours.only("dead").attempts == 1


def test_a_name_is_text_and_neither_markup_nor_a_link(house: OpenHouse, smtp: MailServer) -> None:
    ours = house(smtp_port=smtp.port)
    name = "<img src=x onerror=alert(1)> see https://evil.example now"
    ours.post("invitation", values={"link": "https://a.example/i", "organization_name": name})
    ours.send()

    [mail] = smtp.mails
    assert "<img" not in body(mail, "html")
    assert "&lt;img src=x" in body(mail, "html")
    for kind in ("plain", "html"):
        assert "://evil" not in body(mail, kind)
        assert "evil.example" not in body(mail, kind)


def test_an_unicode_domain_is_written_in_ascii(house: OpenHouse, smtp: MailServer) -> None:
    ours = house(smtp_port=smtp.port)
    ours.post(to="ada@bücher.example")
    ours.send()

    assert smtp.envelopes[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


def test_one_connection_carries_many_mails(house: OpenHouse, smtp: MailServer) -> None:
    ours = house(smtp_port=smtp.port)
    for _ in range(5):
        ours.post()
    ours.send()

    assert len(smtp.mails) == 5
    assert smtp.connections == 1


def test_a_broken_template_of_the_operator_waits_to_be_mended(
    house: OpenHouse, smtp: MailServer, tmp_path: Path
) -> None:
    template = tmp_path / "magic_auth.txt"
    template.write_text("{{ cdoe }}", encoding="utf-8")
    ours = house(smtp_port=smtp.port, mail_templates=str(tmp_path))
    ours.post()
    ours.send()
    assert ours.only("waiting").last_error == "UndefinedError"

    template.write_text("Acme: {{ code }}", encoding="utf-8")
    ours.clock.advance(seconds=5)
    ours.send()

    assert body(smtp.mails[0], "plain") == "Acme: 501776\n"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"smtp_host": "mail.example.com"}, "mail_from"),
        ({"delivery": "inbox"}, "delivery"),
        ({"sms_account": "AC1", "sms_token": "t"}, "sms_from"),
        (
            {"smtp_host": "m.example", "mail_from": "a@b.example", "smtp_user": "u", "smtp_security": "none"},
            "smtp_security",
        ),
        ({"default_locale": "../../etc"}, "default_locale"),
    ],
)
def test_settings_that_cannot_send_as_they_say_are_told_at_the_start(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        read_settings(given, environ={})


def test_passwords_are_read_from_files(tmp_path: Path) -> None:
    for name in ("smtp", "sms"):
        (tmp_path / name).write_text(f"{name} secret\n", encoding="utf-8")

    settings = read_settings(
        environ={
            "GATELODGE_SMTP_PASSWORD_FILE": str(tmp_path / "smtp"),
            "GATELODGE_SMS_TOKEN_FILE": str(tmp_path / "sms"),
        }
    )

    assert (settings.smtp_password, settings.sms_token) == ("smtp secret", "sms secret")
