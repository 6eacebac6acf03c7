"""The name somebody registered behind a host, by the public suffix list that comes with its package; no network."""

from functools import cache

from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    """Read the list once, when first asked: only the desk and the worker need it (about 1 MB, 35 ms).

    Only its public half, where registries sell names. The private half would make a "domain" of every customer of a
    blog or hosting platform, about whom no registry answers, while the platform is who can act. Customers are still
    told apart, since hosts are compared on their own.
    """
    return PublicSuffixList(only_icann=True)


def registrable(host: str) -> str:
    """Give the name that was registered: `b.com.kh` for `a.b.com.kh`; for an onion host the service's own name.

    `host` is ASCII as in `Address.host`. An IP address, a bare suffix and a single label are returned as they are.
    """
    name = host.lower().removesuffix(".")
    if name.startswith("[") or ":" in name or name.rpartition(".")[2].isdecimal():
        return name
    return str(_suffixes().privatesuffix(name) or name)
