"""Reviewed tables about hosts. Reviewed on 2026-11-26; each says where its lines come from.

A line too many calls a host what it is not, so what is doubtful stays out: people can settle a host by a rule of their
own (`services/host_rules.py`).
"""

from typing import NamedTuple

SHORT_LINKS = frozenset(
    {"adf.ly", "amzn.to", "bit.do", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "cutt.ly", "dlvr.it", "fb.me", "goo.gl"}
    | {"ift.tt", "is.gd", "j.mp", "lnkd.in", "ow.ly", "rb.gy", "rebrand.ly", "s.id", "shorturl.at", "soo.gd", "t.co"}
    | {"t.ly", "tiny.cc", "tinyurl.com", "trib.al", "urlz.fr", "v.gd"}
)
"""Names that only lead elsewhere: who hosts them hosts nothing of what is shown. From the services' own pages."""


class ProxyNetwork(NamedTuple):
    """One service that stands before other people's hosts. `networks` are words of its networks' registered names."""

    name: str
    networks: tuple[str, ...]
    systems: tuple[int, ...]  # autonomous systems used for nothing else
    suffixes: tuple[str, ...]  # of the names that customers' names lead to


PROXIES = (
    ProxyNetwork("Cloudflare", ("CLOUDFLARENET",), (13335, 209242), ("cdn.cloudflare.net",)),
    ProxyNetwork(
        "Akamai",
        ("AKAMAI", "AKAMAI-PA"),
        (20940, 16625, 32787),
        ("akamai.net", "akamaiedge.net", "akamaized.net", "akadns.net", "edgekey.net", "edgesuite.net"),
    ),
    ProxyNetwork("Fastly", ("SKYCA-3", "FASTLY"), (54113,), ("fastly.net", "fastlylb.net")),
    ProxyNetwork("Amazon CloudFront", ("AMAZON-CF",), (), ("cloudfront.net",)),
    ProxyNetwork("Azure Front Door", (), (), ("azureedge.net", "azurefd.net")),
    ProxyNetwork("bunny.net", ("BUNNYCDN", "BUNNYWAY"), (200325,), ("b-cdn.net",)),
    ProxyNetwork("CDN77", ("CDN77",), (60068,), ("cdn77.org", "cdn77.net")),
    ProxyNetwork("KeyCDN", ("KEYCDN",), (), ("kxcdn.com",)),
    ProxyNetwork("CacheFly", ("CACHEFLY",), (30081,), ("cachefly.net",)),
    ProxyNetwork("Gcore", ("GCORE", "GCL-NET"), (199524,), ("gcdn.co",)),
    ProxyNetwork("Imperva", ("INCAPSULA", "INCAPSULA-NET"), (19551,), ("incapdns.net", "impervadns.net")),
    ProxyNetwork("Sucuri", ("SUCURI", "SUCURI-SEC"), (30148,), ("sucuri.net",)),
    ProxyNetwork("DDoS-Guard", ("DDOS-GUARD",), (57724,), ("ddos-guard.net",)),
    ProxyNetwork("Qrator", ("QRATOR",), (197068,), ("qrator.net",)),
    ProxyNetwork("StormWall", ("STORMWALL",), (59796,), ()),
    ProxyNetwork("Edgio", ("EDGECAST", "LLNW"), (15133, 22822), ("edgecastcdn.net", "llnwd.net")),
    ProxyNetwork("Alibaba Cloud CDN", (), (), ("kunlunar.com", "kunlunaq.com", "alikunlun.com")),
)
"""Written without a network from what the services say of themselves and lists of others agree on: the registered
names and numbers are to be compared with the registries wherever there is a network. What rents machines too (Amazon,
Google, Microsoft) is known by the names it gives out, never by its network."""

REGISTRIES = frozenset(
    {
        "afrinic.net",
        "apnic.net",
        "arin.net",
        "iana.org",
        "lacnic.net",
        "ripe.net",
        # of countries, below those: their blocks stand above their members' networks
        "cnnic.cn",
        "cnnic.net.cn",
        "idnic.net",
        "irinn.in",
        "kisa.or.kr",
        "krnic.or.kr",
        "nic.ad.jp",
        "nic.mx",
        "nic.or.kr",
        "nixi.in",
        "registro.br",
        "twnic.net.tw",
        "twnic.tw",
        "vnnic.vn",
    }
)
"""Domains of those that give out addresses to networks: none of them runs one, or knows who uses it."""
