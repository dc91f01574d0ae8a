"""Certificates for the sections with TLS: an authority of the run's own, and a leaf for each kind of key."""
import os
import subprocess

NAME = "localhost"
KEYS = {"ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["rsa:2048"]}
# What every client and every service offers, so that all proxies do the same work.
SUITES = "TLS_AES_128_GCM_SHA256"
GROUPS = "X25519:P-256"  # the second is for the key of the certificate, in TLS 1.2
CIPHERS = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"
EXTENSIONS = f"""
[req]
distinguished_name = nothing
[nothing]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
crlDistributionPoints = URI:http://{NAME}/authority.crl
subjectAltName = DNS:{NAME}, IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
PINNED = f"""
openssl_conf = start
[start]
ssl_conf = modules
[modules]
system_default = pinned
[pinned]
Ciphersuites = {SUITES}
CipherString = {CIPHERS}
Groups = {GROUPS}
"""


class Leaf:
    """The files of one certificate; `both` has the key after the certificate, as HAProxy wants it."""

    def __init__(self, folder, kind):
        self.certificate = os.path.join(folder, kind + ".crt")
        self.key = os.path.join(folder, kind + ".key")
        self.both = os.path.join(folder, kind + ".pem")


class Certificates:
    """Made once a run, in `folder`."""

    def __init__(self, folder, days=30):
        os.makedirs(folder, exist_ok=True)
        self.authority = os.path.join(folder, "authority.crt")
        authority_key = os.path.join(folder, "authority.key")
        self.leaves = {kind: Leaf(folder, kind) for kind in KEYS}
        self.pinned = kept(folder, "pinned.cnf", PINNED)
        extensions = kept(folder, "extensions.cnf", EXTENSIONS)
        request(extensions, "authority", days, KEYS["ecdsa"], authority_key, self.authority)
        for kind, leaf in self.leaves.items():
            request(extensions, "leaf", days, KEYS[kind], leaf.key, leaf.certificate,
                    "-CA", self.authority, "-CAkey", authority_key)
            with open(leaf.both, "w") as both:
                for path in (leaf.certificate, leaf.key):
                    with open(path) as part:
                        both.write(part.read())

    def environment(self):
        """Of programs with OpenSSL that shall offer the pinned suite and group only."""
        return {**os.environ, "OPENSSL_CONF": self.pinned}


def kept(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def request(extensions, section, days, key, key_path, path, *more):
    subject = "/CN=Benchmark authority" if section == "authority" else f"/CN={NAME}"
    subprocess.run(
        ["openssl", "req", "-x509", "-config", extensions, "-extensions", section, "-newkey", *key, "-nodes",
         "-keyout", key_path, "-out", path, "-subj", subject, "-days", str(days),
         *more], check=True, capture_output=True)
