"""Whom connections trust: what is read late is gone by all the same."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING

import certifi
import pytest
from aiohttp import ClientConnectorCertificateError
from ccxt.base.errors import NetworkError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.brokers.test_clients import client_of
from trader_cli.brokers.trusting import authorities_when_needed
from trader_cli.domain.clock import EPOCH
from trader_cli.domain.instrument import AssetClass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nheard"

ASKED = """
import asyncio, sys
from trader_cli.brokers.ccxt_loading import exchange_class
exchange_class("bybit")
import aiohttp

async def ask(**how):
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(sys.argv[1], **how) as answer:
                return await answer.text()
        except aiohttp.ClientConnectorCertificateError:
            return "refused"

print(*(asyncio.run(ask(**how)) for how in ({}, {}, {"ssl": False})))
"""
"""Who asks by aiohttp's own contexts after we have loaded it: twice by the one that verifies, once by the other."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(EPOCH)
        .not_valid_after(EPOCH + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return file


@pytest.fixture(scope="module")
def url(certificate: Path) -> Iterator[str]:
    """Where a server with that certificate answers everything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with closing(connection), suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(65_536)
                secured.sendall(ANSWER)

    with socket.create_server((HOST, 0)) as listening:
        thread = Thread(target=serve, args=(listening,))
        thread.start()
        yield f"https://{HOST}:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def asked(url: str, authorities: Path, folder: Path) -> list[str]:
    """What another process hears there, whose system trusts the authorities of a file."""
    env = os.environ | {"SSL_CERT_FILE": str(authorities), "SSL_CERT_DIR": str(folder)}
    ran = subprocess.run([sys.executable, "-c", ASKED, url], env=env, capture_output=True, text=True, check=True)
    return ran.stdout.split()


def test_what_nobody_vouches_for_is_refused_unless_the_caller_does_not_care(url: str, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.pem"
    nobody.touch()
    assert asked(url, nobody, tmp_path) == ["refused", "refused", "heard"]


def test_whom_the_system_trusts_is_trusted(url: str, certificate: Path, tmp_path: Path) -> None:
    assert asked(url, certificate, tmp_path) == ["heard", "heard", "heard"]


def test_our_clients_refuse_what_no_authority_of_theirs_vouches_for(url: str) -> None:
    client = client_of("bybit", AssetClass.CRYPTO, endpoint=url)

    async def ask() -> None:
        try:
            await client.fetch_time()
        finally:
            await client.close()

    with pytest.raises(NetworkError) as raised:
        asyncio.run(ask())
    assert isinstance(raised.value.__cause__, ClientConnectorCertificateError)


def test_only_contexts_of_the_thread_that_said_so_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    with authorities_when_needed(), ThreadPoolExecutor(1) as pool:
        ours = ssl.create_default_context()
        theirs = pool.submit(ssl.create_default_context).result()
    before, usual = ours.cert_store_stats(), theirs.cert_store_stats()
    assert before["x509_ca"] == 0 < usual["x509_ca"]
    assert ours.verify_mode is ssl.CERT_REQUIRED
    assert ours.check_hostname
    ours.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=HOST)
    assert ours.cert_store_stats() == usual == ssl.create_default_context().cert_store_stats()
    assert type(ours) is ssl.SSLContext
