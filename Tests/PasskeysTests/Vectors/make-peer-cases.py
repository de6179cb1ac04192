#!/usr/bin/env python3
"""Makes registrations and assertions with Python's cryptography and writes down what PyPI's webauthn says of each.

Usage: make-peer-cases.py [rounds] > peer-cases.txt
One case a line: kind, name, verdict of the peer, stored counter, challenge, client data, then for a
registration the attestation object and for an assertion the public key, the authenticator data and the signature.
"""
import base64, hashlib, json, os, sys

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn import verify_authentication_response, verify_registration_response

ORIGIN, HOST = "https://vouchsafe.example", "vouchsafe.example"


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest(data):
    return hashlib.sha256(data).digest()


def es256():
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    return -7, cose, lambda message: key.sign(message, ec.ECDSA(hashes.SHA256()))


def eddsa():
    key = ed25519.Ed25519PrivateKey.generate()
    return -8, {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}, key.sign


def rs256():
    key = rsa.generate_private_key(65537, 2048)
    modulus = key.public_key().public_numbers().n.to_bytes(256, "big")
    cose = {1: 3, 3: -257, -1: modulus, -2: b"\x01\x00\x01"}
    return -257, cose, lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def client_data(kind, challenge, change):
    data = {"type": kind, "challenge": text(challenge), "origin": ORIGIN, "crossOrigin": False}
    if change == "type":
        data["type"] = "webauthn.get" if kind == "webauthn.create" else "webauthn.create"
    if change == "challenge":
        data["challenge"] = text(os.urandom(32))
    if change == "origin":
        data["origin"] = ORIGIN + ".other.example"
    if change == "extra":
        data["other_keys_can_be_added_here"] = "do not compare with a template"
    return json.dumps(data, separators=(",", ":")).encode()


def flags_of(change, base):
    return {"absent": base & ~1, "unverified": base & ~4, "backed-up": base | 0x10, "synced": base | 0x18}.get(change, base)


def registration(maker, change):
    algorithm, cose, sign = maker()
    challenge, credential = os.urandom(32), os.urandom(32)
    client = client_data("webauthn.create", challenge, change)
    host = HOST if change != "host" else "other.example"
    data = digest(host.encode()) + bytes([flags_of(change, 0x45)]) + bytes(4) + bytes(16)
    data += len(credential).to_bytes(2, "big") + credential + cbor2.dumps(cose)
    statement = {}
    if change in ("self", "self-broken"):
        signature = sign(data + digest(client))
        if change == "self-broken":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        statement = {"alg": algorithm, "sig": signature}
    attestation = cbor2.dumps({"fmt": "packed" if statement else "none", "attStmt": statement, "authData": data})
    answer = {
        "id": text(credential), "rawId": text(credential), "type": "public-key",
        "response": {"clientDataJSON": text(client), "attestationObject": text(attestation)},
    }
    try:
        verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=HOST, expected_origin=ORIGIN,
            require_user_verification=True)
        verdict = "accepted"
    except Exception:
        verdict = "refused"
    return [verdict, "0", challenge, client, attestation]


def assertion(maker, change):
    _, cose, sign = maker()
    challenge, credential, key = os.urandom(32), os.urandom(32), cbor2.dumps(cose)
    client = client_data("webauthn.get", challenge, change)
    host = HOST if change != "host" else "other.example"
    stored, counter = {"counted": (4, 5), "copied": (5, 5), "backwards": (5, 0)}.get(change, (0, 0))
    data = digest(host.encode()) + bytes([flags_of(change, 0x05)]) + counter.to_bytes(4, "big")
    signature = sign(data + digest(client))
    if change == "signature":
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    if change == "key":
        key = cbor2.dumps(maker()[1])
    answer = {
        "id": text(credential), "rawId": text(credential), "type": "public-key",
        "response": {"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature)},
    }
    try:
        verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=HOST, expected_origin=ORIGIN,
            credential_public_key=key, credential_current_sign_count=stored, require_user_verification=True)
        verdict = "accepted"
    except Exception:
        verdict = "refused"
    return [verdict, str(stored), challenge, client, key, data, signature]


COMMON = ["plain", "extra", "type", "challenge", "origin", "host", "absent", "unverified", "backed-up"]
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    for maker in (es256, eddsa, rs256):
        for change in COMMON + ["synced", "self", "self-broken"]:
            parts = registration(maker, change)
            print("registration", f"{maker.__name__}.{change}", *[p if isinstance(p, str) else p.hex() for p in parts])
        for change in COMMON + ["counted", "copied", "backwards", "signature", "key"]:
            parts = assertion(maker, change)
            print("assertion", f"{maker.__name__}.{change}", *[p if isinstance(p, str) else p.hex() for p in parts])
