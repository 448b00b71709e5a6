from django.urls import path, re_path

from .playback import views as playback_views
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
        playback_views.RecordingView.as_view(),
        name="recording",
    ),
    path(
        "sessions/<slug:slug>/recordings/<int:number>/audio",
        playback_views.RecordingAudioView.as_view(),
        name="recording-audio",
    ),
    re_path(
        r"^sessions/(?P<slug>[-\w]+)/recordings/(?P<number>[0-9]{1,9})/transcript\.(?P<extension>vtt|txt)$",
        playback_views.RecordingTranscriptView.as_view(),
        name="recording-transcript",
    ),
    re_path(
        r"^sessions/(?P<slug>[-\w]+)/recordings/(?P<number>[0-9]{1,9})/cite\.(?P<extension>bib|ris|json|txt)$",
        playback_views.RecordingCiteView.as_view(),
        name="recording-cite",
    ),
    path("recordings/<str:token>/", playback_views.GrantedView.as_view(), name="granted"),
    path(
        "recordings/<str:token>/audio",
        playback_views.GrantAudioView.as_view(),
        name="granted-audio",
    ),
    re_path(
        r"^recordings/(?P<token>[^/]+)/transcript\.(?P<extension>vtt|txt)$",
        playback_views.GrantTranscriptView.as_view(),
        name="granted-transcript",
    ),
    re_path(
        r"^recordings/(?P<token>[^/]+)/cite\.(?P<extension>bib|ris|json|txt)$",
        playback_views.GrantCiteView.as_view(),
        name="granted-cite",
    ),
]
