"""Where webhooks may go: never into a private network from live books.

Source: OWASP, Server-Side Request Forgery Prevention Cheat Sheet; RFC 6890.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_SHARED = ipaddress.ip_network("100.64.0.0/10")


def public(address: str) -> bool:
    """Say whether an IP address is reachable by everyone, so not private or loopback."""
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if mapped is not None:
        return public(str(mapped))
    if found.version == 4 and found in _SHARED:
        return False
    return found.is_global and not found.is_multicast


def fault_of(url: str, *, private: bool) -> str:
    """Return a code of what is wrong with the address of a webhook, "" where nothing is.

    Args:
        url: what the partner gave.
        private: private networks and plain HTTP are allowed.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "not_an_address"
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return "not_an_address"
    if parts.username or parts.password or parts.fragment:
        return "has_credentials"
    if private:
        return ""
    if parts.scheme != "https":
        return "not_https"
    if port not in (None, 443, 8443):
        return "port_not_allowed"
    try:
        return "" if public(parts.hostname) else "not_public"
    except ValueError:
        return ""
