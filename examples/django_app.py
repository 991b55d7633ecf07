"""A Django site in one file whose users sign in on Gatelodge's pages; docs/django.md tells how to run it."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.management.utils import get_random_secret_key
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import include, path

from gatelodge import UserManagement
from gatelodge.integrations.django import SignIn

sign_in = SignIn(
    UserManagement(),
    redirect_uri="http://localhost:3000/callback",
    signed_out_uri="http://localhost:3000",
)
settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    SECRET_KEY=get_random_secret_key(),
    MIDDLEWARE=[
        "gatelodge.integrations.django.SignInMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    GATELODGE_SIGN_IN=sign_in,
)

STRANGER = '<p>Hello, stranger. <a href="/login">Sign in</a> or <a href="/login?screen_hint=sign-up">sign up</a>.'
SIGNED_IN = """\
<p>You are signed in.
<form method="post" action="/logout">
  <input type="hidden" name="csrfmiddlewaretoken" value="{token}"><button>Sign out</button>
</form>"""


def home(request: HttpRequest) -> HttpResponse:
    """Greet whoever comes."""
    if sign_in.load(request) is None:
        return HttpResponse(STRANGER)
    return HttpResponse(SIGNED_IN.format(token=get_token(request)))


@sign_in.require()
def me(request: HttpRequest) -> HttpResponse:
    """Tell the user who they are."""
    session = sign_in.get_session(request)
    return JsonResponse({"email": session.user.email, "role": session.role, "organization_id": session.organization_id})


@sign_in.require(permission="invoices:read")
def invoices(_: HttpRequest) -> HttpResponse:
    """Show invoices to whoever may read them."""
    return JsonResponse({"invoices": []})


@sign_in.require(role="admin", organization=True)
def admin(_: HttpRequest) -> HttpResponse:
    """Let administrators of an organization in, and nobody else."""
    return JsonResponse({"welcome": "administrator"})


urlpatterns = [
    path("", home),
    path("me", me),
    path("invoices", invoices),
    path("admin", admin),
    path("", include(sign_in.urls)),
]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
