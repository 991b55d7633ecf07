"""Second factors: authenticator apps (TOTP, RFC 6238) and codes by SMS, and recovery codes beside them.

Tables: factors, challenges, recovery_codes. Events: authentication.mfa_… are told by the sign-in.

A factor counts as enrolled once its first code was right. A challenge is charged before
it is judged, per challenge and per factor, and a wrong try is never given back; the step
of a TOTP code is stored by the write that accepts it, so no code works twice.
"""
