"""The API over HTTP: RSGI with lanes for the server, WSGI for mounting."""
