"""The languages and versions that services can be built with: one table, read by forms, builds and base images."""

from services.languages.lookup import find_version, get, image_recipe, nearest, suits
from services.languages.table import LANGUAGES, ROLLING
from services.languages.types import Language, Recipe, Version

__all__ = [
    "LANGUAGES",
    "ROLLING",
    "Language",
    "Recipe",
    "Version",
    "find_version",
    "get",
    "image_recipe",
    "nearest",
    "suits",
]
