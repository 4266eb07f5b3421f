"""Fields that are ciphertext at rest. A wrong key raises; it never hands out ciphertext as if it were the value."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

if TYPE_CHECKING:
    Text = models.TextField[Any, Any]
else:
    Text = models.TextField  # cannot be subscripted at run time


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def seal(text: str) -> str:
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def unseal(ciphertext: str) -> str:
    """Raises cryptography's InvalidToken when none of the keys fits."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).decrypt(ciphertext.encode()).decode()


class EncryptedJSONField(Text):
    """Any JSON value, encrypted. Cannot be looked up by content."""

    _pyi_private_set_type: Any  # what django-stubs reads: not the text of the base class
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else seal(json.dumps(value))

    def from_db_value(self, value: str | None, expression: Expression, connection: BaseDatabaseWrapper) -> Any:
        return None if value is None else json.loads(unseal(value))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError(f"An encrypted field cannot be looked up by {lookup_name}.")
        return super().get_lookup(lookup_name)
