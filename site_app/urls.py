from django.urls import path

from . import views
from .http.languages import choose_language

app_name = "site"

urlpatterns = [
    path("about/", views.AboutView.as_view(), name="about"),
    path("contact/", views.ContactView.as_view(), name="contact"),
    path("contact/thanks/", views.ContactThanksView.as_view(), name="contact-thanks"),
    path("language/", choose_language, name="language"),
]
