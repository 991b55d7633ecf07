# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""The addresses at which a sign-in begins (contract pages 12 and 32)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.sdk import pkce
from gatelodge.sdk._sync.calls import Calls
from gatelodge.sdk.urls import AuthorizationUrl, Parameter, ScreenHint, write_authorization_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal


class Authorization(Calls):
    """The methods that write addresses for a browser; nothing is sent, and nothing is waited for."""

    def get_authorization_url(
        self,
        redirect_uri: str,
        *,
        provider: str | None = None,
        connection_id: str | None = None,
        organization_id: str | None = None,
        state: str | None = None,
        code_challenge: str | None = None,
        code_challenge_method: Literal["S256"] | None = None,
        screen_hint: ScreenHint | None = None,
        login_hint: str | None = None,
        domain_hint: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        provider_scopes: Sequence[str] | None = None,
        provider_query_params: Mapping[str, str | int | None] | None = None,
        invitation_token: str | None = None,
        claim_nonce: str | None = None,
        client_id: str | None = None,
    ) -> str:
        """Write the address at which a sign-in begins; the browser comes back with `code` and `state`.

        `/user_management/authorize`, contract pages 12 and 32. Nothing is sent. One of
        `provider` (`authkit` for the hosted pages), `connection_id` and `organization_id` is
        given; with `authkit` an organization may be preselected. Other providers are `AppleOAuth`,
        `GitHubOAuth`, `GoogleOAuth`, `MicrosoftOAuth` and the like. Draw a new `state` for each
        sign-in and compare it afterwards. `code_challenge` is `gatelodge.pkce.generate()`'s;
        its method is S256, given or not. `max_age` is in seconds.

        Example:
            url = um.get_authorization_url("https://app.example.com/callback", provider="authkit", state=state)

        Raises:
            ValueError: No selector is given, or two; `screen_hint` or `max_age` is given
                without `provider="authkit"`; the method of the challenge is not S256, or
                has no challenge.
            ClientIdRequired: No client id is given, and none is configured.
            ConfigurationInvalid: The client has no base URL.
        """
        parameters: dict[str, Parameter] = {
            "claim_nonce": claim_nonce,
            "code_challenge": code_challenge,
            "code_challenge_method": code_challenge_method,
            "connection_id": connection_id,
            "domain_hint": domain_hint,
            "invitation_token": invitation_token,
            "login_hint": login_hint,
            "max_age": max_age,
            "organization_id": organization_id,
            "prompt": prompt,
            "provider": provider,
            "provider_query_params": provider_query_params,
            "provider_scopes": provider_scopes,
            "redirect_uri": redirect_uri,
            "screen_hint": screen_hint,
            "state": state,
        }
        return write_authorization_url(self._configuration, client_id, parameters=parameters)

    def get_authorization_url_with_pkce(
        self,
        redirect_uri: str,
        *,
        provider: str | None = None,
        connection_id: str | None = None,
        organization_id: str | None = None,
        screen_hint: ScreenHint | None = None,
        login_hint: str | None = None,
        domain_hint: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        provider_scopes: Sequence[str] | None = None,
        provider_query_params: Mapping[str, str | int | None] | None = None,
        invitation_token: str | None = None,
        claim_nonce: str | None = None,
        client_id: str | None = None,
    ) -> AuthorizationUrl:
        """Write the same address with a challenge and a state that are drawn for it.

        `/user_management/authorize`, contract pages 12 and 32 §2; RFC 7636. Nothing is
        sent. Keep `state` and `code_verifier` where only this browser's session reaches
        them: the first is compared with what comes back, the second goes to
        `authenticate_with_code`.

        Example:
            drawn = um.get_authorization_url_with_pkce("https://app.example.com/callback", provider="authkit")

        Raises:
            ValueError: As `get_authorization_url` says.
            ClientIdRequired: No client id is given, and none is configured.
            ConfigurationInvalid: The client has no base URL.
        """
        pair, state = pkce.generate(), pkce.generate_code_verifier()
        url = self.get_authorization_url(
            redirect_uri,
            provider=provider,
            connection_id=connection_id,
            organization_id=organization_id,
            state=state,
            code_challenge=pair.code_challenge,
            code_challenge_method=pair.code_challenge_method,
            screen_hint=screen_hint,
            login_hint=login_hint,
            domain_hint=domain_hint,
            prompt=prompt,
            max_age=max_age,
            provider_scopes=provider_scopes,
            provider_query_params=provider_query_params,
            invitation_token=invitation_token,
            claim_nonce=claim_nonce,
            client_id=client_id,
        )
        return AuthorizationUrl(url=url, state=state, code_verifier=pair.code_verifier)
