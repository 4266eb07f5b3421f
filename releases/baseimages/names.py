"""Which recipe makes an image of a given name: those of the table, their usual variants, and Debian itself."""

from __future__ import annotations

from services.languages import LANGUAGES, Recipe

# Variants that hold the same language in another dress. Alpine's are not among them: their package manager differs.
VARIANTS = {"slim", "bullseye", "bookworm", "trixie"}


def find_recipe(name: str) -> Recipe | None:
    """For names as people write them after FROM; None for those that only a registry has."""
    repository, _, tag = name.removeprefix("library/").partition(":")
    if repository == "debian":
        suite = tag.removesuffix("-slim")
        return Recipe(suite, ()) if suite in _suites() else None
    for image, recipe in _recipes().items():
        if image == f"{repository}:{tag}" or _is_variant(image, f"{repository}:{tag}"):
            return recipe
    return None


def _is_variant(image: str, name: str) -> bool:
    return name.startswith(f"{image}-") and set(name.removeprefix(f"{image}-").split("-")) <= VARIANTS


def _recipes() -> dict[str, Recipe]:
    return {v.image: v.recipe for language in LANGUAGES for v in language.versions if v.recipe}


def _suites() -> set[str]:
    return {recipe.suite for recipe in _recipes().values()}
