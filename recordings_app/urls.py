from django.urls import path, re_path

from .playback import views as hearing
from .requests import views

app_name = "recordings"

urlpatterns = [
    path("sessions/<slug:slug>/request-recording/", views.RequestView.as_view(), name="request"),
    path("request-recordings/", views.RequestManyView.as_view(), name="request-many"),
    path("requests/", views.LostLinkView.as_view(), name="lost-link"),
    path("requests/link-sent/", views.LinkSentView.as_view(), name="link-sent"),
    path("requests/received/<str:signed>/", views.ReceivedView.as_view(), name="received"),
    path("requests/confirm/<str:token>/", views.ConfirmView.as_view(), name="confirm"),
    path("requests/<str:token>/", views.StatusView.as_view(), name="status"),
    path(
        "sessions/<slug:slug>/recordings/<int:number>/",
        hearing.RecordingView.as_view(),
        name="recording",
    ),
    path(
        "sessions/<slug:slug>/recordings/<int:number>/audio",
        hearing.RecordingAudioView.as_view(),
        name="recording-audio",
    ),
    re_path(
        r"^sessions/(?P<slug>[-\w]+)/recordings/(?P<number>[0-9]{1,9})/transcript\.(?P<extension>vtt|txt)$",
        hearing.RecordingTranscriptView.as_view(),
        name="recording-transcript",
    ),
    re_path(
        r"^sessions/(?P<slug>[-\w]+)/recordings/(?P<number>[0-9]{1,9})/cite\.(?P<extension>bib|ris|json|txt)$",
        hearing.RecordingCiteView.as_view(),
        name="recording-cite",
    ),
    path("recordings/<str:token>/", hearing.GrantedView.as_view(), name="granted"),
    path("recordings/<str:token>/audio", hearing.GrantAudioView.as_view(), name="granted-audio"),
    re_path(
        r"^recordings/(?P<token>[^/]+)/transcript\.(?P<extension>vtt|txt)$",
        hearing.GrantTranscriptView.as_view(),
        name="granted-transcript",
    ),
    re_path(
        r"^recordings/(?P<token>[^/]+)/cite\.(?P<extension>bib|ris|json|txt)$",
        hearing.GrantCiteView.as_view(),
        name="granted-cite",
    ),
]
