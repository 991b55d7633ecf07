"""Tools that know nothing of users: time, chance, storage, cryptography, limits."""
