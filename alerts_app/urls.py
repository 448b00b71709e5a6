from django.urls import path

from .subscriptions import views

app_name = "alerts"

urlpatterns = [
    path("alerts/new/", views.NewAlertView.as_view(), name="new"),
    path("alerts/new/sent/", views.SentView.as_view(), name="sent"),
    path("alerts/<str:token>/", views.AlertView.as_view(), name="alert"),
    path("alerts/<str:token>/stop/", views.StopView.as_view(), name="stop"),
]
