"""A FastAPI app whose users sign in on Gatelodge's pages; docs/fastapi.md tells how to run it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse

from gatelodge import AsyncUserManagement, AuthenticatedSession
from gatelodge.integrations.starlette import SignIn

app = FastAPI()
sign_in = SignIn(
    AsyncUserManagement(),
    redirect_uri="http://localhost:3000/callback",
    signed_out_uri="http://localhost:3000",
)
sign_in.install(app)

MaybeSignedIn = Annotated[AuthenticatedSession | None, Depends(sign_in.load)]
SignedIn = Annotated[AuthenticatedSession, Depends(sign_in.require())]
Administrator = Annotated[AuthenticatedSession, Depends(sign_in.require(role="admin", organization=True))]
Reader = Annotated[AuthenticatedSession, Depends(sign_in.require(permission="invoices:read"))]

SIGN_OUT = '<form method="post" action="/logout"><button>Sign out</button></form>'


@app.get("/", response_class=HTMLResponse)
async def home(session: MaybeSignedIn) -> str:
    """Greet whoever comes."""
    if session is None:
        return '<p>Hello, stranger. <a href="/login">Sign in</a> or <a href="/login?screen_hint=sign-up">sign up</a>.'
    return f"<p>You are signed in. {SIGN_OUT}"


@app.get("/me")
async def me(session: SignedIn) -> dict[str, str | None]:
    """Tell the user who they are."""
    return {"email": session.user.email, "role": session.role, "organization_id": session.organization_id}


@app.get("/invoices")
async def invoices(session: Reader) -> dict[str, object]:
    """Show invoices to whoever may read them."""
    return {"organization_id": session.organization_id, "invoices": []}


@app.get("/admin")
async def admin(session: Administrator) -> dict[str, str]:
    """Let administrators of an organization in, and nobody else."""
    return {"administrator": session.user.email}
