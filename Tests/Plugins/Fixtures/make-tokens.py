#!/usr/bin/env python3
"""Tokens for Tests/Plugins/JwtAuthTests.swift, made by PyJWT and jwcrypto with keys of this run.

Prints JSON: the key sets, and tokens by name. All times are around 1,700,000,000, the tests' time of day.
"""
import base64
import hashlib
import hmac
import json

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwcrypto import jwe, jwk, jws

NOW = 1_700_000_000
CLAIMS = {"iss": "https://id.example/", "aud": "shop", "sub": "jason", "iat": NOW - 60, "exp": NOW + 600}
KEYS = {
    "rsa": jwk.JWK.generate(kty="RSA", size=2048, kid="rsa"),
    "p256": jwk.JWK.generate(kty="EC", crv="P-256", kid="p256"),
    "p384": jwk.JWK.generate(kty="EC", crv="P-384", kid="p384"),
    "p521": jwk.JWK.generate(kty="EC", crv="P-521", kid="p521"),
    "ed": jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="ed"),
    "oct": jwk.JWK.generate(kty="oct", size=512, kid="oct"),
}
OTHER = jwk.JWK.generate(kty="EC", crv="P-256", kid="p256")
NEW = jwk.JWK.generate(kty="EC", crv="P-256", kid="new")
BAD_HEADER = b'{"alg":"HS256","kid":"' + bytes([0xFF]) + b'"}'
ALGORITHMS = {
    "RS256": "rsa", "RS384": "rsa", "RS512": "rsa", "PS256": "rsa", "PS384": "rsa", "PS512": "rsa",
    "ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed",
    "HS256": "oct", "HS384": "oct", "HS512": "oct",
}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private(key):
    if key["kty"] == "oct":
        return unb64(json.loads(key.export())["k"])
    return key.export_to_pem(private_key=True, password=None)


def pyjwt(algorithm, claims=CLAIMS, key=None, **header):
    key = key or KEYS[ALGORITHMS[algorithm]]
    return jwt.encode(claims, private(key), algorithm=algorithm, headers={"kid": key["kid"], **header})


def jose(algorithm, payload=None, key=None, **header):
    """By jwcrypto, which signs any header and any bytes."""
    key = key or KEYS[ALGORITHMS[algorithm]]
    token = jws.JWS(json.dumps(CLAIMS) if payload is None else payload)
    token.add_signature(key, None, json.dumps({"alg": algorithm, "kid": key["kid"], **header}), None)
    return token.serialize(compact=True)


def raw(header, payload, sign):
    """Whatever we like, signed by `sign`."""
    signed = f"{b64(header.encode())}.{b64(payload.encode())}"
    return f"{signed}.{b64(sign(signed.encode()))}"


def hs256(secret):
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def es256_pair(token):
    """The token with its signature in DER, as X.509 has it."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    head, _, signature = token.rpartition(".")
    both = unb64(signature)
    r, s = int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big")
    return f"{head}.{b64(encode_dss_signature(r, s))}"


def es256_wide(token):
    """The token with a zero before each of the two numbers of its signature."""
    head, _, signature = token.rpartition(".")
    both = unb64(signature)
    return f"{head}.{b64(bytes(1) + both[:32] + bytes(1) + both[32:])}"


def encrypted():
    token = jwe.JWE(json.dumps(CLAIMS).encode(), json.dumps({"alg": "dir", "enc": "A256GCM"}))
    token.add_recipient(jwk.JWK.generate(kty="oct", size=256))
    return token.serialize(compact=True)


def without(*names, **more):
    return {**{name: value for name, value in CLAIMS.items() if name not in names}, **more}


public_pem = KEYS["rsa"].export_to_pem()
public_der = serialization.load_pem_public_key(public_pem).public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
ec_public = KEYS["p256"].export_to_pem()
secret = private(KEYS["oct"])
weak_rsa = rsa.generate_private_key(public_exponent=65537, key_size=1024)
weak = jwk.JWK.from_pem(weak_rsa.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
good = pyjwt("ES256")
header, claims, signature = good.split(".")
hs = json.dumps(CLAIMS)

tokens = {
    **{f"pyjwt {name}": pyjwt(name) for name in ALGORITHMS},
    **{f"jwcrypto {name}": jose(name) for name in ALGORITHMS},
    "no kid": jwt.encode(CLAIMS, private(KEYS["p256"]), algorithm="ES256"),
    "typ at+jwt": pyjwt("ES256", typ="at+jwt"),
    "no expiry": pyjwt("ES256", without("exp")),
    "expired": pyjwt("ES256", without(exp=NOW - 31)),
    "expired within leeway": pyjwt("ES256", without(exp=NOW - 29)),
    "expires in part of a second": pyjwt("ES256", without(exp=NOW - 29.5)),
    "not before": pyjwt("ES256", without(nbf=NOW + 32)),
    "not before within leeway": pyjwt("ES256", without(nbf=NOW + 29)),
    "issued in future": pyjwt("ES256", without(iat=NOW + 3600)),
    "expiry as text": jose("ES256", json.dumps(without(exp=str(NOW + 600)))),
    "expiry huge": jose("ES256", json.dumps(without("exp"))[:-1] + ',"exp":1e999}'),
    "expiry null": jose("ES256", json.dumps(without(exp=None))),
    "other issuer": pyjwt("ES256", without(iss="https://evil.example/")),
    "no issuer": pyjwt("ES256", without("iss")),
    "issuer list": jose("ES256", json.dumps(without(iss=["https://id.example/"]))),
    "other audience": pyjwt("ES256", without(aud="bank")),
    "no audience": pyjwt("ES256", without("aud")),
    "audiences": pyjwt("ES256", without(aud=["bank", "shop"])),
    "audience substring": pyjwt("ES256", without(aud="shops")),
    "rich": pyjwt("ES256", without(
        scope="a orders:read", admin=True, level=7, realm_access={"roles": ["dev", "ops"]}, mail="j@x.example")),
    "newline claim": pyjwt("ES256", without(sub="a\r\nx-admin: 1")),
    # Attacks.
    "none": raw('{"alg":"none","typ":"JWT"}', hs, lambda data: b""),
    "None with signature": raw('{"alg":"None"}', hs, lambda data: b"x"),
    "nOnE, signature of another": raw('{"alg":"nOnE","kid":"p256"}', hs, lambda data: unb64(signature)),
    "no algorithm": raw('{"kid":"p256"}', hs, lambda data: b"x"),
    "algorithm list": raw('{"alg":["ES256"],"kid":"p256"}', hs, lambda data: b"x"),
    "algorithm es256": raw('{"alg":"es256","kid":"p256"}', hs, lambda data: b"x"),
    "public key as secret": raw('{"alg":"HS256","kid":"rsa"}', hs, hs256(public_pem)),
    "public key as secret, no kid": raw('{"alg":"HS256"}', hs, hs256(public_pem)),
    "public DER as secret": raw('{"alg":"HS256","kid":"rsa"}', hs, hs256(public_der)),
    "EC public key as secret": raw('{"alg":"HS256","kid":"p256"}', hs, hs256(ec_public)),
    "empty secret": raw('{"alg":"HS256","kid":""}', hs, hs256(b"")),
    "kid path": raw('{"alg":"HS256","kid":"../../../../dev/null"}', hs, hs256(b"")),
    "kid sql": raw('{"alg":"HS256","kid":"x\' UNION SELECT \'k"}', hs, hs256(b"k")),
    "kid number": raw('{"alg":"HS256","kid":1}', hs, hs256(secret)),
    "kid null": raw('{"alg":"HS256","kid":null}', hs, hs256(secret)),
    "kid of another kind": pyjwt("ES256", kid="rsa"),
    "unknown kid": pyjwt("ES256", kid="p257"),
    "own jwk": jose("ES256", key=OTHER, jwk=json.loads(OTHER.export_public())),
    "own jku": jose("ES256", key=OTHER, jku="http://evil.example/jwks.json"),
    "own x5u": jose("ES256", key=OTHER, x5u="http://evil.example/cert.pem"),
    "other key": pyjwt("ES256", key=OTHER),
    "other curve": raw('{"alg":"ES384","kid":"p256"}', hs, lambda data: b"x" * 64),
    "psychic signature": f"{header}.{claims}.{b64(bytes(64))}",
    "DER signature": es256_pair(good),
    "wide signature": es256_wide(good),
    "signature with more": f"{good}{b64(b'xxx')}",
    "signature cut": good[:-2],
    "no signature": f"{header}.{claims}.",
    "two parts": f"{header}.{claims}",
    "four parts": f"{good}.x",
    "encrypted": encrypted(),
    "changed claims": f"{header}.{b64(json.dumps(without(sub='root')).encode())}.{signature}",
    "changed header": f"{b64(json.dumps({'alg': 'ES256', 'kid': 'p256', 'x': 1}).encode())}.{claims}.{signature}",
    "padded": ".".join(part + "=" * (-len(part) % 4) for part in good.split(".")),
    "standard alphabet": f"{header}.{claims}.{signature[:-4]}+/+/",
    "stray bits": good[:-1] + chr(ord(good[-1]) + 1),
    "space within": f"{header}. {claims}.{signature}",
    "line break": f"{header}.{claims[:5]}\t{claims[5:]}.{signature}",
    "repeated member": raw('{"alg":"HS256","alg":"none","kid":"oct"}', hs, hs256(secret)),
    "repeated claim": raw('{"alg":"HS256","kid":"oct"}', hs[:-1] + ',"sub":"root"}', hs256(secret)),
    "garbage behind header": raw('{"alg":"HS256","kid":"oct"} x', hs, hs256(secret)),
    "garbage behind claims": raw('{"alg":"HS256","kid":"oct"}', hs + "{}", hs256(secret)),
    "claims list": raw('{"alg":"HS256","kid":"oct"}', "[]", hs256(secret)),
    "claims empty": raw('{"alg":"HS256","kid":"oct"}', "", hs256(secret)),
    "deep claims": raw('{"alg":"HS256","kid":"oct"}', '{"a":' * 100 + "1" + "}" * 100, hs256(secret)),
    "malformed UTF-8": f"{b64(BAD_HEADER)}.{claims}.{signature}",
    "critical": raw('{"alg":"HS256","kid":"oct","exp":1,"crit":["exp"]}', hs, hs256(secret)),
    "critical b64": raw('{"alg":"HS256","kid":"oct","b64":false,"crit":["b64"]}', hs, hs256(secret)),
    "of another type": pyjwt("ES256", typ="logout+jwt"),
    "oversized": pyjwt("ES256", without(pad="x" * 13_000)),
    "long": pyjwt("ES256", without(pad="x" * 11_000)),
    "short secret": raw('{"alg":"HS256","kid":"short"}', hs, hs256(b"0123456789abcdef")),
    "weak RSA": jwt.encode(CLAIMS, private(weak), algorithm="RS256", headers={"kid": "weak"}),
    "encryption key": pyjwt("ES256", key=NEW, kid="enc"),
    "wrong alg of key": pyjwt("ES256", key=NEW, kid="alg"),
    "new key": pyjwt("ES256", key=NEW),
}


def public(key, **more):
    text = key.export() if key["kty"] == "oct" else key.export_public()
    return {**json.loads(text), **more}


keys = [public(key) for key in KEYS.values()] + [
    {"kty": "oct", "kid": "short", "k": b64(b"0123456789abcdef")},
    public(weak, kid="weak"),
    public(NEW, kid="enc", use="enc"),
    public(NEW, kid="alg", alg="ES384"),
    {"kty": "EC", "crv": "P-256", "kid": "off", "x": b64(bytes(32)), "y": b64(bytes(31) + b"\1")},
    {"kty": "unheard-of", "kid": "odd"},
    {"kid": "nothing"},
]
print(json.dumps({
    "keys": json.dumps({"keys": keys}),
    "p256": json.dumps({"keys": [public(KEYS["p256"])]}),
    "rotated": json.dumps({"keys": [public(KEYS["p256"]), public(NEW)]}),
    "rsa": json.dumps({"keys": [public(KEYS["rsa"])]}),
    "weak": json.dumps({"keys": [public(weak)]}),
    "tokens": tokens,
}))
