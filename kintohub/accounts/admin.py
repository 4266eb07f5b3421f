"""Operators make and change accounts here."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from kintohub.accounts.models import User


@admin.register(User)
class AccountAdmin(UserAdmin[User]):
    list_display = ("username", "email", "plan", "is_active", "is_staff", "last_login")
    list_filter = ("plan", "is_active", "is_staff")
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Plan", {"fields": ("plan",)}))
    add_fieldsets = (*UserAdmin.add_fieldsets, ("Plan", {"fields": ("plan",)}))
