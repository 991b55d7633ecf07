"""What everybody knows of development mode, so that newcomers and test set-ups need no setting."""

from __future__ import annotations

ENVIRONMENT = "environment_development"
CLIENT_ID = "client_dev"
API_KEY = "sk_test_default"
REDIRECT_URI = "http://localhost:3000/callback"
SIGN_OUT_URI = "http://localhost:3000"
