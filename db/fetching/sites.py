"""The archives that works are fetched from, and their works' own addresses.

A link is never passed on as it was given: only the number (or the like) that tells a work apart
is taken from it, and the address is written anew.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

LONGEST_LINK_CHARS = 500
_NUMBER = "0*([1-9][0-9]{0,11})"
_REST = "(?:/.*)?"


@dataclass(frozen=True, slots=True)
class Site:
    """An archive: the exact hosts that its links come with, and what a work's link looks like.

    `pattern` is matched with the link's path, and with `?parameter=value` after it where the
    link has one of that name; `address` is written with what the pattern's one filled group
    holds.
    """

    name: str
    hosts: frozenset[str]
    pattern: re.Pattern[str]
    address: str
    parameter: str = ""

    @property
    def host(self) -> str:
        """The host that works are fetched from."""
        return urlsplit(self.address).netloc


@dataclass(frozen=True, slots=True)
class WorkLink:
    """A work's own address."""

    site: Site
    key: str  # what tells it from the site's other works
    url: str

    @property
    def file_name(self) -> str:
        """A name for its file, of letters, digits, dots and hyphens."""
        return f"{self.site.host}-{self.key}.epub"


def _site(name: str, hosts: str, path: str, address: str, parameter: str = "") -> Site:
    both = {host for bare in hosts.split() for host in (bare, f"www.{bare}")}
    return Site(name, frozenset(both), re.compile(path), address, parameter)


def _otw(name: str, hosts: str, host: str) -> Site:
    """An archive that runs AO3's software."""
    path = rf"(?:/collections/[^/]+)?/works/{_NUMBER}{_REST}|/downloads/{_NUMBER}/.*"
    return _site(name, hosts, path, f"https://{host}/works/{{}}")


def _efiction(name: str, hosts: str, host: str, folder: str = "") -> Site:
    path = rf"(?:{folder})?/viewstory\.php\?sid={_NUMBER}"
    return _site(name, hosts, path, f"https://{host}{folder}/viewstory.php?sid={{}}", "sid")


def _forum(name: str, hosts: str, host: str) -> Site:
    """A XenForo forum; the words in a thread's address change with its title, so they go."""
    path = rf"/threads/(?:[^/]*\.)?{_NUMBER}{_REST}"
    return _site(name, hosts, path, f"https://{host}/threads/{{}}/")


_ALL = (
    _otw(
        "AO3",
        "archiveofourown.org archiveofourown.com archiveofourown.net archiveofourown.gay ao3.org "
        "download.archiveofourown.org download.archiveofourown.com download.archiveofourown.net",
        "archiveofourown.org",
    ),
    _otw("SquidgeWorld", "squidgeworld.org", "squidgeworld.org"),
    _otw("Ad Astra", "adastrafanfic.com", "www.adastrafanfic.com"),
    _site(
        "FanFiction.net",
        "fanfiction.net m.fanfiction.net",
        rf"/s/{_NUMBER}{_REST}",
        "https://www.fanfiction.net/s/{}",
    ),
    _site(
        "FictionPress",
        "fictionpress.com m.fictionpress.com",
        rf"/s/{_NUMBER}{_REST}",
        "https://www.fictionpress.com/s/{}",
    ),
    _site(
        "Royal Road",
        "royalroad.com royalroadl.com",
        rf"/fiction/{_NUMBER}{_REST}",
        "https://www.royalroad.com/fiction/{}",
    ),
    _site(
        "Wattpad",
        "wattpad.com",
        rf"/story/{_NUMBER}(?:-.*)?{_REST}",
        "https://www.wattpad.com/story/{}",
    ),
    _site(
        "Fimfiction",
        "fimfiction.net mobile.fimfiction.net fimfiction.com",
        rf"/story/{_NUMBER}{_REST}",
        "https://www.fimfiction.net/story/{}",
    ),
    _site("FicWad", "ficwad.com", rf"/story/{_NUMBER}{_REST}", "https://ficwad.com/story/{}"),
    _site(
        "Twisting the Hellmouth",
        "tthfanfic.org",
        rf"/(?:T-[0-9]+/)?Story-{_NUMBER}(?:-[0-9]+)?{_REST}|/story\.php\?no={_NUMBER}",
        "https://www.tthfanfic.org/Story-{}",
        "no",
    ),
    _site(
        "FanFiktion.de",
        "fanfiktion.de",
        rf"/s/([0-9a-f]{{8,40}}){_REST}",
        "https://www.fanfiktion.de/s/{}",
    ),
    _forum("SpaceBattles", "forums.spacebattles.com forum.spacebattles.com",
           "forums.spacebattles.com"),
    _forum(
        "Sufficient Velocity",
        "forums.sufficientvelocity.com forum.sufficientvelocity.com sufficientvelocity.com",
        "forums.sufficientvelocity.com",
    ),
    _forum(
        "Questionable Questing",
        "forum.questionablequesting.com questionablequesting.com",
        "forum.questionablequesting.com",
    ),
    _efiction("SIYE", "siye.co.uk", "www.siye.co.uk", "/siye"),
    _efiction("Whofic", "whofic.com", "www.whofic.com"),
    _efiction("The K/S Archive", "ksarchive.com", "ksarchive.com"),
    _efiction(
        "Potions and Snitches",
        "potionsandsnitches.org potionsandsnitches.net",
        "www.potionsandsnitches.org",
        "/fanfiction",
    ),
)  # fmt: skip
# FanFicFare's own site of made-up works, which needs no network.
_TEST_SITE = Site(
    "test1.com",
    frozenset({"test1.com"}),
    re.compile(r"/?\?sid=([0-9]{1,4})"),
    "http://test1.com?sid={}",
    "sid",
)

_BY_HOST = {host: site for site in _ALL for host in site.hosts}
SITES = frozenset(_BY_HOST)


def normalised(url: str, *, test_site: bool = False) -> str | None:
    """The own address of the work that a link leads to; None for any other link."""
    site = site_of(url, test_site=test_site)
    link = site and work_link(site, url)
    return link.url if link else None


def site_of(url: str, *, test_site: bool = False) -> Site | None:
    """The site of a link, by its exact host; None for other sites and for odd links.

    Odd are those with a user, a password or a port, with a host not spelt in ASCII, of another
    scheme than http and https, with blanks or control characters inside, or over-long.
    """
    url = _bare(url)
    if len(url) > LONGEST_LINK_CHARS or any(c.isspace() or not c.isprintable() for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets, or letters that only look like a host's
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc.isascii():
        return None
    host = parts.netloc.lower()  # as it stands, so that "user@" and ":80" match nothing
    if test_site and host in _TEST_SITE.hosts:
        return _TEST_SITE
    return _BY_HOST.get(host)


def work_link(site: Site, url: str) -> WorkLink | None:
    """The work that a link of this site leads to; None if it leads to something else."""
    parts = urlsplit(_bare(url))
    place = parts.path
    if values := site.parameter and parse_qs(parts.query, max_num_fields=20).get(site.parameter):
        place += f"?{site.parameter}={values[0]}"
    found = site.pattern.fullmatch(place)
    if not found:
        return None
    key = next(group for group in found.groups() if group)
    return WorkLink(site, key, site.address.format(key))


def _bare(url: str) -> str:
    """A link without the blanks around it and the brackets that keep Discord from a preview."""
    url = url.strip()
    return url[1:-1] if url[:1] == "<" and url[-1:] == ">" else url
