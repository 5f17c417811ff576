"""A TLS certificate made on the spot, since phones give the camera only to https.

    python -m shared.command.certificate DIR ADDRESS

prints its SHA-256 fingerprint. The certificate is reused while it fits the address and has a month left.
"""

import ipaddress
import sys
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from shared import clock

# Apple refuses server certificates with a lifetime over 825 days; a new one is a new warning on each phone.
LIFE = timedelta(days=800)
RENEWED = timedelta(days=30)


def certificate_for(directory: Path, address: str) -> x509.Certificate:
    """Return the certificate in `directory` (certificate.pem, key.pem), made anew where it does not fit."""
    path = directory / "certificate.pem"
    if path.exists():
        existing = x509.load_pem_x509_certificate(path.read_bytes())
        if address in _addresses(existing) and existing.not_valid_after_utc - clock.now() > RENEWED:
            return existing
    key = ec.generate_private_key(ec.SECP256R1())
    created = _make(key, address)
    _write(directory / "key.pem", _key_bytes(key))
    _write(path, created.public_bytes(serialization.Encoding.PEM))
    return created


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint as browsers display it, so that an organizer can compare."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _addresses(certificate: x509.Certificate) -> set[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(address) for address in names.get_values_for_type(x509.IPAddress)}


def _make(key: ec.EllipticCurvePrivateKey, address: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Turnout")])
    addresses = [x509.IPAddress(ipaddress.ip_address(number)) for number in dict.fromkeys((address, "127.0.0.1"))]
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([*addresses, x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


if __name__ == "__main__":
    print(fingerprint(certificate_for(Path(sys.argv[1]), sys.argv[2])))
