from django.urls import path

from . import views

app_name = "recordings"

urlpatterns = [
    path("sessions/<slug:slug>/request-recording/", views.RequestView.as_view(), name="request"),
    path("request-recordings/", views.RequestManyView.as_view(), name="request-many"),
    path("requests/received/<str:signed>/", views.ReceivedView.as_view(), name="received"),
    path("requests/confirm/<str:token>/", views.ConfirmView.as_view(), name="confirm"),
    path("recordings/<str:token>/", views.GrantedView.as_view(), name="granted"),
    path("requests/<str:token>/", views.StatusView.as_view(), name="status"),
]
