"""What a newcomer sees when the development server is up: what to try, ready to paste."""

from __future__ import annotations

from gatelodge.doors.development import API_KEY, CLIENT_ID
from gatelodge.kit.settings import Settings


def welcome(settings: Settings) -> None:
    """Print the base URL, the credentials, a curl line and a few lines of Python."""
    url = settings.base_url
    print(
        f"""\
Gatelodge, development mode, on {url}

  client id   {CLIENT_ID}
  API key     {API_KEY}
  data        {settings.database_url}
  reference   {url}/docs/api

Try it with curl:

  curl -s {url}/user_management/users -H 'Authorization: Bearer {API_KEY}' \\
    -H 'Content-Type: application/json' -d '{{"email":"ada@example.com"}}'

or with Python (.venv/bin/python):

  from gatelodge import UserManagement
  um = UserManagement(api_key="{API_KEY}", client_id="{CLIENT_ID}", base_url="{url}")
  um.create_user("grace@example.com", password="correct horse 17", email_verified=True)
  session = um.authenticate_with_password("grace@example.com", password="correct horse 17")
  print(session.user.email, session.access_token[:20])

Ctrl-C stops it.
""",
        flush=True,
    )
