"""The one place from which plans call other systems: never into our own network.

``post`` resolves the name once, refuses addresses that are not public, and connects to that very address, so
that no second answer of the name server leads elsewhere. Redirects are not followed, for the same reason.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

import urllib3

TIMEOUT = 10  # seconds, to connect and for each read
MAX_ANSWER = 65_536  # bytes of an answer that are looked at
PORTS = {"http": 80, "https": 443}


class Refused(Exception):
    """The address may not be called; the message says why, in English, for the log."""


def split(url):
    """Return ``(scheme, host, port, path)``.

    >>> split("https://Hooks.Example.com/a?b=1")
    ('https', 'hooks.example.com', 443, '/a?b=1')
    >>> split("ftp://example.com")
    Traceback (most recent call last):
    hc_crm.webhook_http.Refused: scheme
    """
    try:
        parts = urlsplit((url or "").strip())
        port = parts.port
    except ValueError as error:
        raise Refused("url") from error
    if parts.scheme not in PORTS:
        raise Refused("scheme")
    if not parts.hostname:
        raise Refused("host")
    if parts.username or parts.password:
        raise Refused("credentials")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname.lower(), port or PORTS[parts.scheme], path


def is_public(address):
    """Tell whether an IP address is one of the open Internet.

    >>> [is_public(a) for a in ("8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "224.0.0.1")]
    [True, False, False, False, False, False]
    >>> is_public("::ffff:127.0.0.1"), is_public("64:ff9b::7f00:1"), is_public("2606:4700::1111")
    (False, False, True)
    """
    ip = ipaddress.ip_address(address)
    if ip.version == 6:
        if inner := ip.ipv4_mapped or ip.sixtofour:
            return is_public(str(inner))
        if ip.teredo or ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolve(host, port):
    """Return the address to call; :raises Refused: if any address of ``host`` is not public"""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise ConnectionError(f"{host}: no such host") from error
    if not found:
        raise ConnectionError(f"{host}: no such host")
    for address in found:
        if not is_public(address.split("%")[0]):
            raise Refused("private")
    return sorted(found, key=lambda address: ":" in address)[0]


def post(url, body, headers):
    """POST ``body`` (bytes) and return ``(status, beginning of the answer as text)``.

    :raises Refused: the address may not be called
    :raises OSError: it could not be reached, or did not answer in time
    """
    scheme, host, port, path = split(url)
    address = resolve(host, port)
    options = {"timeout": urllib3.Timeout(connect=TIMEOUT, read=TIMEOUT), "retries": False}
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
            **options,
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, **options)
    name = host if port == PORTS[scheme] else f"{host}:{port}"
    try:
        with pool:
            answer = pool.urlopen(
                "POST",
                path,
                body=body,
                headers={**headers, "Host": name},
                redirect=False,
                preload_content=False,
            )
            text = answer.read(MAX_ANSWER, decode_content=False) or b""
            status = answer.status
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise ConnectionError(str(error)) from error
    return status, text.decode("utf-8", "replace")
