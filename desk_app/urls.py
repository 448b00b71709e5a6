from django.contrib import admin
from django.urls import path

from . import views

app_name = "worklists"
urlpatterns = [
    path("", admin.site.admin_view(views.worklists_page), name="index"),
    path("<slug:name>/", admin.site.admin_view(views.worklist_page), name="worklist"),
]
