from django.urls import path

from .subscriptions import views

app_name = "alerts"

urlpatterns = [
    path("alerts/new/", views.NewAlertView.as_view(), name="new"),
    path("alerts/new/sent/", views.ConfirmationSentView.as_view(), name="sent"),
    path("alerts/<str:token>/", views.ConfirmOrChangeAlertView.as_view(), name="alert"),
    path("alerts/<str:token>/stop/", views.StopAlertView.as_view(), name="stop"),
]
