"""AES-CBC with its padding, for contents whose mac was found right before."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 16


def encrypt(plain: bytes, *, key: bytes, iv: bytes) -> bytes:
    """Encrypt, with padding as PKCS #7 has it (RFC 5652 §6.3)."""
    padding = BLOCK - len(plain) % BLOCK
    cipher = Cipher(AES(key), CBC(iv)).encryptor()
    return cipher.update(plain + bytes([padding]) * padding) + cipher.finalize()


def decrypt(ciphertext: bytes, *, key: bytes, iv: bytes) -> bytes | None:
    """Decrypt; None when it is no such text.

    What the padding tells by its time, it tells to whoever could make the mac: check that first.
    """
    if not ciphertext or len(ciphertext) % BLOCK or len(iv) != BLOCK:
        return None
    cipher = Cipher(AES(key), CBC(iv)).decryptor()
    padded = cipher.update(ciphertext) + cipher.finalize()
    padding = padded[-1]
    if not 1 <= padding <= BLOCK or padded[-padding:] != bytes([padding]) * padding:
        return None
    return padded[:-padding]
