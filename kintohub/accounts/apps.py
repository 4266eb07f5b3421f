"""Accounts: who may log in, and on which plan."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kintohub.accounts"
    label = "accounts"
    verbose_name = "Accounts"
