"""Fetching a work by its link, with FanFicFare (the extra `[web]`) in a process of its own."""

from db.fetching.fetcher import Fetched, Fetcher, is_installed
from db.fetching.sites import SITES, normalised

__all__ = ["SITES", "Fetched", "Fetcher", "is_installed", "normalised"]
