"""The addresses of a host and whether they are public, so that a connection is made to what was checked.

A name is looked up once and connected to as it was found: it cannot point elsewhere a moment later.
"""

import ipaddress
import socket


def list_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, each once, in the system's order. Raises OSError or UnicodeError for none."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, also where it stands inside of an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)
