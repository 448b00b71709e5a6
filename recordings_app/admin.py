from django.contrib import admin

from . import recordings_admin  # noqa: F401 - registers its pages
from .accounting_admin import AccessLogAdmin
from .models import AccessLog, RecordingRequest, RequestSettings
from .request_admin import RecordingRequestAdmin, RequestSettingsAdmin

admin.site.register(RecordingRequest, RecordingRequestAdmin)
admin.site.register(RequestSettings, RequestSettingsAdmin)
admin.site.register(AccessLog, AccessLogAdmin)
