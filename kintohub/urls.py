"""Which address belongs to which part."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from kintohub import views

handler400 = "kintohub.views.bad_request"
handler403 = "kintohub.views.forbidden"
handler404 = "kintohub.views.not_found"
handler429 = "kintohub.views.too_many"
handler500 = "kintohub.views.broken"

# The admin has no login page of its own: it would have none of the limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Only the pages of allauth that an account made by an operator needs. Nobody signs up or resets by e-mail here.
account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
]

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("account/", include(account_urls)),
    path("", include("services.urls")),
    path("", include("releases.urls")),
]
