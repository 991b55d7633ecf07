"""A Flask app whose users sign in on Gatelodge's pages; docs/flask.md tells how to run it."""

from __future__ import annotations

from flask import Flask

from gatelodge import UserManagement
from gatelodge.integrations.flask import SignIn

app = Flask(__name__)
sign_in = SignIn(
    UserManagement(),
    redirect_uri="http://localhost:3000/callback",
    signed_out_uri="http://localhost:3000",
)
sign_in.init_app(app)

SIGN_OUT = '<form method="post" action="/logout"><button>Sign out</button></form>'


@app.get("/")
def home() -> str:
    """Greet whoever comes."""
    if sign_in.session is None:
        return '<p>Hello, stranger. <a href="/login">Sign in</a> or <a href="/login?screen_hint=sign-up">sign up</a>.'
    return f"<p>You are signed in. {SIGN_OUT}"


@app.get("/me")
def me() -> dict[str, str | None]:
    """Tell the user who they are."""
    session = sign_in.need_session()
    return {"email": session.user.email, "role": session.role, "organization_id": session.organization_id}


@app.get("/invoices")
@sign_in.require(permission="invoices:read")
def invoices() -> dict[str, object]:
    """Show invoices to whoever may read them."""
    return {"invoices": []}


@app.get("/admin")
@sign_in.require(role="admin", organization=True)
def admin() -> dict[str, str]:
    """Let administrators of an organization in, and nobody else."""
    return {"welcome": "administrator"}
