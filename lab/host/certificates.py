"""The demo's own certificate authority and the edges' certificate, made with openssl."""

import subprocess
from pathlib import Path

from world.geography import HOST
from host.errors import DemoError
from host.programs import installed
from host.templates import render

CA_DAYS = 3650
LEAF_DAYS = 90
# A demo may be left running; a certificate that ends soon is replaced before it starts.
RENEW_BEFORE_S = 7 * 24 * 3600


def ensure_certificates(folder: Path) -> None:
    """Leaves ca.pem, ca.key, leaf.pem and leaf.key in the folder; makes only what is needed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca, leaf = folder / "ca.pem", folder / "leaf.pem"
    if not still_good(ca, signed_by=ca):
        issue(folder, "ca", "Firstbyte demo CA", ["-days", str(CA_DAYS)])
    if not still_good(leaf, signed_by=ca):
        signer = ["-CA", str(ca), "-CAkey", str(folder / "ca.key"), "-days", str(LEAF_DAYS)]
        issue(folder, "leaf", HOST, signer)


def still_good(certificate: Path, signed_by: Path) -> bool:
    """Whether it is there with its key, valid now and in a week, and from this authority."""
    if not certificate.exists() or not certificate.with_suffix(".key").exists():
        return False
    end = openssl("x509", "-noout", "-checkend", str(RENEW_BEFORE_S), "-in", str(certificate))
    chain = openssl("verify", "-CAfile", str(signed_by), str(certificate))
    return end.returncode == 0 and chain.returncode == 0


def issue(folder: Path, name: str, common_name: str, arguments: list[str]) -> None:
    """Makes a P-256 key and its certificate with the extensions of section `name`."""
    settings = folder / f"{name}.cnf"
    settings.write_text(
        render("certificates.cnf", common_name=common_name, host=HOST), encoding="utf-8"
    )
    new_key, new_certificate = folder / f"{name}.key.new", folder / f"{name}.pem.new"
    made = openssl(
        *["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"],
        *["-config", str(settings), "-extensions", name, *arguments],
        *["-keyout", str(new_key), "-out", str(new_certificate)],
    )
    if made.returncode != 0:
        raise DemoError(f"openssl could not make {new_certificate}: {made.stderr.strip()}")
    new_certificate.chmod(0o644)
    # Renamed only when both are complete: a run that was cut off never leaves half a file.
    new_key.replace(folder / f"{name}.key")
    new_certificate.replace(folder / f"{name}.pem")


def openssl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs openssl with a umask that keeps key files private from their first byte."""
    return subprocess.run(
        [installed("openssl"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=0o077,
        timeout=30,
        start_new_session=True,  # or Ctrl-C would end it before we can say why
        check=False,
    )
