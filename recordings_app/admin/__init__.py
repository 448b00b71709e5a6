from django.contrib import admin

from recordings_app.models import AccessLog, RecordingRequest, RequestSettings

from . import recordings  # noqa: F401 - registers its pages
from .access_log import AccessLogAdmin
from .requests import RecordingRequestAdmin, RequestSettingsAdmin

admin.site.register(RecordingRequest, RecordingRequestAdmin)
admin.site.register(RequestSettings, RequestSettingsAdmin)
admin.site.register(AccessLog, AccessLogAdmin)
