"""What tests stand on: a private PostgreSQL, fresh databases, real servers, the official clients.

Everything here runs on loopback, on ports chosen free, and ends with the tests.
"""
