"""Settings: one frozen struct, filled from arguments, the environment and a TOML file.

Arguments win over `GATELODGE_…` variables, those over the file. A secret may also be read
from a file: `GATELODGE_MASTER_KEY_FILE=/run/secrets/key`. All faults are told at once.
This is the only module that reads the process environment.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gatelodge.contract.shapes import ready

_PREFIX = "GATELODGE_"
_SECRETS = frozenset({"database_url", "master_key", "previous_master_keys", "smtp_password", "sms_token"})
# What our client reads under the same prefix.
_NAMES_OF_CLIENTS = frozenset({"API_KEY", "CLIENT_ID", "COOKIE_PASSWORD", "PREVIOUS_COOKIE_PASSWORD"})
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
# As `docs/settings.md` writes them, beside true and false, 1 and 0.
_SWITCH = {"on": True, "yes": True, "off": False, "no": False}
_MOST_HELPERS = 2
_LISTS = ("dns_resolvers", "previous_master_keys")

Seconds = Annotated[int, Meta(ge=1)]


class SettingsInvalid(Exception):
    """The settings cannot be used; one line for each fault."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that an operator may set. `docs/settings.md` has a line for each."""

    database_url: str = "sqlite:///var/gatelodge.db"
    """Where the data lives: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://…`."""
    data_folder: str = "var"
    """Where development keeps the master key of a database that a server holds; `--data` names it."""
    master_key: str = ""
    """Seals every secret at rest; 32 characters or more, from `gatelodge init`."""
    previous_master_keys: list[str] = []
    """Earlier master keys that still open what they sealed, while a rotation lasts."""
    base_url: str = ""
    """The public origin, such as `https://auth.example.com`; links and issuers are made from it."""
    issuer: str = "{base_url}/user_management/{client_id}"
    """The `iss` of access tokens; `{base_url}` and `{client_id}` are filled in."""
    development: bool = False
    """Development mode: default key and client, movable clock, loopback only."""
    limits: bool = True
    """Whether attempts and floods are limited."""
    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 4100
    """The port to listen on."""
    workers: Annotated[int, Meta(ge=0, le=64)] = 0
    """Server processes; 0 means two, or one in development and on a single core."""
    share_data: bool = False
    """Let a second server on this machine serve the same SQLite file."""
    access_token_ttl: Annotated[int, Meta(ge=30, le=86_400)] = 300
    """Seconds that an access token is valid."""
    session_ttl: Seconds = 30 * 86_400
    """Seconds that a session lasts at most."""
    session_idle_ttl: Seconds = 7 * 86_400
    """Seconds without a refresh after which a session ends."""
    password_profile: Literal["default", "nist"] = "default"
    """`default`: 10 to 256 characters; `nist`: 15, or 8 where a second factor is required."""
    leaked_passwords: Literal["off", "ask", "require"] = "off"
    """Whether new passwords are looked up among leaked ones; where nobody answers, `ask` takes them, `require` not."""
    leaked_passwords_url: str = "https://api.pwnedpasswords.com"
    """The origin of the collection; it is told twenty bits of a SHA-1 and never the password."""
    trusted_proxies: Annotated[int, Meta(ge=0, le=10)] = 0
    """Proxies in front whose `X-Forwarded-For` entries are believed, counted from the right."""
    head_deadline: Seconds = 30
    """Seconds within which the head of a request must arrive; a connection that waits as long is closed."""
    body_limit: Annotated[int, Meta(ge=1024)] = 1_048_576
    """Bytes that a request body may have."""
    bodies_limit: Annotated[int, Meta(ge=65_536)] = 67_108_864
    """Bytes that the request bodies in each worker may have together before 503 is answered."""
    body_deadline: Seconds = 10
    """Seconds within which a request body must arrive."""
    read_threads: Annotated[int, Meta(ge=1, le=64)] = 2
    """Threads that answer reads, in each worker."""
    write_threads: Annotated[int, Meta(ge=1, le=128)] = 16
    """Threads that answer writes, in each worker."""
    refresh_threads: Annotated[int, Meta(ge=1, le=128)] = 4
    """Threads that refresh sessions on PostgreSQL, in each worker; more than a few only get in each other's way,
    unless the database is some milliseconds away."""
    hash_threads: Annotated[int, Meta(ge=0, le=64)] = 0
    """Threads that hash passwords, in each worker; 0 means one for each core, shared out among the workers."""
    lane_queue: Annotated[int, Meta(ge=1)] = 2048
    """Requests that may wait for a read or write thread before 503 is answered."""
    hash_queue: Annotated[int, Meta(ge=1)] = 512
    """Requests that may wait for a hash thread before 503 is answered."""
    dns_resolvers: list[str] = []
    """Name servers that prove domains, as `address` or `address:port`; this machine's unless set."""
    domain_verification_ttl: Seconds = 30 * 86_400
    """Seconds for which the proof of a domain is looked for in the DNS before it has failed."""
    limit_per_credential: str = "300000/10"
    """Requests of one API key in each worker, as `count/seconds`; `off` lifts it."""
    limit_per_email: str = "10/60"
    """Sign-in attempts for one address of e-mail from one place, as `count/seconds`."""
    limit_per_account: str = "100/60"
    """Sign-in attempts for one address of e-mail from all places together."""
    limit_per_code_send: str = "3/60"
    """Codes and links of one kind that are sent to one address or user."""
    limit_per_code_account: str = "30/3600"
    """Wrong tries of one-time codes of one kind, second factors among them, for one account."""
    limit_per_code_address: str = "100/3600"
    """Wrong tries of one-time codes from one network address, where the caller tells it."""
    limit_per_session: str = "60/60"
    """Refreshes of one session."""
    limit_per_send: str = "3/60"
    """Codes and links sent to one address, telephone or user."""
    limit_per_factor: str = "10/60"
    """Answers tried against one second factor, by whatever challenges."""
    limit_mails: str = "off"
    """Mails with codes and links that one environment may have sent, such as `20000/86400`."""
    check_mail_domains: bool = False
    """Whether a domain must take mail, by its DNS, before a code or an invitation is sent to it."""
    limit_per_environment: str = "off"
    """Requests of one environment in each worker."""
    limit_per_address: str = "off"
    """Requests from one network address in each worker."""
    brand_name: Annotated[str, Meta(min_length=1, max_length=100)] = "Gatelodge"
    """The name that mails speak in, where an environment has none of its own."""
    default_locale: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """The language of mails to people whose own is unknown: `en`, `de`, `fr`, or one that `mail_templates` has."""
    delivery: Literal["send", "inbox", "off"] = "send"
    """`send`; `inbox` keeps mails and SMS and shows them, in development only; `off` makes none."""
    mail_from: str = ""
    """The address that mails come from, such as `accounts@example.com`."""
    mail_from_name: str = ""
    """The name beside it; `brand_name` unless set."""
    mail_templates: str = ""
    """A folder whose templates replace the built-in ones; see `docs/mails.md`."""
    smtp_host: str = ""
    """The SMTP server that takes our mail; without one, development keeps mails in its inbox."""
    smtp_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Its port; 0 means 587 for `starttls`, 465 for `tls`, 25 for `none`."""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is secured; the certificate is always checked. `none` is for a server on this machine."""
    smtp_user: str = ""
    """The user to sign in as at the SMTP server; nobody unless set."""
    smtp_password: str = ""
    """Their password."""
    smtp_ca_file: str = ""
    """A PEM file of authorities to check the SMTP server's certificate with, instead of the system's."""
    sms_url: str = "https://api.twilio.com"
    """The origin of Twilio, or of a service that speaks as Twilio does."""
    sms_account: str = ""
    """The account's SID; without one, development keeps SMS in its inbox."""
    sms_token: str = ""
    """The account's token."""
    sms_from: str = ""
    """The number or name that SMS come from."""
    access_log: bool = True
    """Whether each request is logged, as one line of JSON."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe log line that is written."""


def read_settings(
    given: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    file: str | None = None,
) -> Settings:
    """Gather the settings from `given`, the environment and a TOML file.

    Raises:
        SettingsInvalid: A value cannot be read; the message lists all of them.
    """
    variables = os.environ if environ is None else environ
    faults: list[str] = []
    values = _from_file(file or variables.get(f"{_PREFIX}CONFIG"), faults)
    values |= _from_environ(variables, faults)
    values |= {name: value for name, value in (given or {}).items() if value is not None}
    checked = _convert(values, faults)
    faults += find_delivery_faults(Settings(**checked))
    if faults:
        raise SettingsInvalid("\n".join(faults))
    return Settings(**checked)


def list_strange_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """List the variables that look like settings and are none, in alphabetical order."""
    variables = os.environ if environ is None else environ
    known = {member.name.upper() for member in msgspec.structs.fields(Settings)} | _NAMES_OF_CLIENTS | {"CONFIG"}
    known |= {f"{name.upper()}_FILE" for name in _SECRETS}
    return sorted(name for name in variables if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in known)


def choose_workers(settings: Settings) -> int:
    """Tell how many server processes run.

    Two, because one is bounded by Python's interpreter lock long before two cores are busy; also
    on SQLite, whose one writer at a time two processes share in turns (docs/decisions/0014).
    """
    if settings.workers:
        return settings.workers
    return 1 if settings.development else min(2, os.cpu_count() or 1)


def choose_helpers(settings: Settings) -> int:
    """Tell how many threads of one worker sign beside its refreshes: two, or as many as it has spare cores of its own.

    A worker that has one core gains nothing by them, and each signature would cost two changes of threads.
    """
    own_cores = (os.cpu_count() or 1) // choose_workers(settings)
    return min(_MOST_HELPERS, max(0, own_cores - 1))


def choose_hash_threads(settings: Settings) -> int:
    """Tell how many threads of one worker hash passwords: together not many more than there are cores.

    An engine that is embedded or mounted knows of no other workers.
    """
    return settings.hash_threads or -(-(os.cpu_count() or 1) // (settings.workers or 1))


def find_delivery_faults(settings: Settings) -> list[str]:
    """List what keeps these settings from sending mail and SMS as they say, one line each."""
    faults = []
    if settings.delivery == "inbox" and not settings.development:
        faults.append("delivery: mails are kept instead of sent in development mode only")
    if settings.smtp_host and "@" not in settings.mail_from:
        faults.append("mail_from: smtp_host needs the address that mails come from, such as accounts@example.com")
    if settings.smtp_user and settings.smtp_security == "none" and settings.smtp_host not in _THIS_MACHINE:
        faults.append("smtp_security: a password is not sent in clear; use starttls or tls")
    faults += [
        f"{name}: sms_account needs it"
        for name in ("sms_token", "sms_from")
        if settings.sms_account and not getattr(settings, name)
    ]
    return faults


def _from_file(path: str | None, faults: list[str]) -> dict[str, Any]:
    if not path:
        return {}
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as fault:
        faults.append(f"config {path}: {fault.strerror}")
    except UnicodeDecodeError:
        faults.append(f"config {path}: it is no text in UTF-8")
    except tomllib.TOMLDecodeError as fault:
        faults.append(f"config {path}: {fault}")
    return {}


def _from_environ(variables: Mapping[str, str], faults: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for member in msgspec.structs.fields(Settings):
        variable = _PREFIX + member.name.upper()
        if variable in variables:
            values[member.name] = variables[variable]
        elif member.name in _SECRETS and f"{variable}_FILE" in variables:
            try:
                values[member.name] = Path(variables[f"{variable}_FILE"]).read_text("utf-8").strip()
            except OSError as fault:
                faults.append(f"{variable}_FILE: {fault.strerror}")
            except UnicodeDecodeError:
                faults.append(f"{variable}_FILE: it is no text in UTF-8")
    for name in _LISTS:
        text = values.get(name)
        if isinstance(text, str):
            values[name] = [part.strip() for part in text.split(",") if part.strip()]
    return values


def _convert(values: dict[str, Any], faults: list[str]) -> dict[str, Any]:
    hints = {member.name: member.type for member in msgspec.structs.fields(Settings)}
    checked = {}
    for name, value in values.items():
        if name not in hints:
            faults.append(f"{name}: there is no such setting")
            continue
        if hints[name] is bool and isinstance(value, str):
            value = _SWITCH.get(value.strip().lower(), value)  # noqa: PLW2901  # the same value, written otherwise
        try:
            checked[name] = msgspec.convert(value, ready(hints[name]), strict=False)
        except msgspec.ValidationError as fault:
            # The value is not repeated: it may be a secret.
            reason = "Expected on or off" if hints[name] is bool else str(fault).replace("`", "")
            faults.append(f"{name}: {reason}")
    return checked
