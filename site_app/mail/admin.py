"""The admin's pages of mail: the queue, and the texts that staff can edit."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from site_app.models import MailMessage, MailText
from site_app.text.dates import moment_in_words
from site_app.text.single_line import on_one_line

from .queue import wake_mail_worker
from .templates import compose_mail, registered_mail_template, registered_mail_templates


class MailMessageAdmin(admin.ModelAdmin):
    """The mail queue, read-only; messages are rendered when they are sent."""

    list_display = [
        "recipient_column",
        "kind_label",
        "state",
        "created_at_in_words",
        "sent_at_in_words",
        "attempts",
        "last_error",
    ]
    list_filter = ["state", "kind", "created_at"]
    search_fields = ["recipient", "kind", "last_error", "message_id"]
    date_hierarchy = "created_at"
    actions = ["send_again"]

    class Media:
        css = {"all": ["css/admin/requests.css"]}

    def has_add_permission(self, request):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in MailMessage._meta.fields]

    @admin.display(description=gettext_lazy("to"), ordering="recipient")
    def recipient_column(self, message):
        return message.recipient

    @admin.display(description=gettext_lazy("what"), ordering="kind")
    def kind_label(self, message):
        known = registered_mail_template(message.kind)
        return known.label if known else message.kind.replace("-", " ").capitalize()

    @admin.display(description=gettext_lazy("queued"), ordering="created_at")
    def created_at_in_words(self, message):
        return moment_in_words(message.created_at)

    @admin.display(description=gettext_lazy("sent"), ordering="sent_at")
    def sent_at_in_words(self, message):
        return moment_in_words(message.sent_at) if message.sent_at else ""

    @admin.action(description=gettext_lazy("Send again, now"), permissions=["change"])
    def send_again(self, request, queryset):
        # Messages being sent by a worker are left alone, or they would be sent twice.
        waiting = queryset.exclude(state__in=(MailMessage.State.SENT, MailMessage.State.SENDING))
        count = waiting.update(
            state=MailMessage.State.QUEUED, attempts=0, next_attempt_at=timezone.now()
        )
        wake_mail_worker()
        said = ngettext(
            "%(number)s message is queued again.", "%(number)s messages are queued again.", count
        )
        self.message_user(request, said % {"number": count})


class MailTextForm(forms.ModelForm):
    class Meta:
        model = MailText
        fields = ["subject", "body"]
        widgets = {
            "subject": forms.TextInput(attrs={"size": 80}),
            "body": forms.Textarea(attrs={"rows": 20, "cols": 90}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.wording = registered_mail_template(self.instance.kind)
        for name in self.fields:
            self.initial[name] = self.initial.get(name) or getattr(self.wording, name)

    def clean_subject(self):
        subject = on_one_line(self.cleaned_data["subject"])
        return self._text_without_problems(subject, self.wording.allowed_in_subject)

    def clean_body(self):
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        return self._text_without_problems(body, self.wording.placeholders, self.wording.required)

    def _text_without_problems(self, text, allowed, required=()):
        if problems := self.wording.text_problems(text, allowed, required):
            raise forms.ValidationError(problems)
        return text


class MailTextAdmin(admin.ModelAdmin):
    """One page per editable mail text; a row exists once somebody has edited it."""

    form = MailTextForm
    change_form_template = "admin/site_app/mailtext/change_form.html"

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # the button on the page restores the built-in text

    def get_object(self, request, object_id, from_field=None):
        if registered_mail_template(object_id) is None:
            return None
        return MailText.objects.filter(pk=object_id).first() or MailText(kind=object_id)

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = MailText.objects.in_bulk()
        rows = [(template, own.get(template.kind)) for template in registered_mail_templates()]
        context = self.admin_site.each_context(request) | {
            "title": gettext("Texts of mails"),
            "opts": self.opts,
            "rows": rows,
        }
        return TemplateResponse(request, "admin/site_app/mailtext/change_list.html", context)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        kind = unquote(object_id) if object_id else ""
        if (known := registered_mail_template(kind)) is None:
            raise Http404
        extra_context = {"wording": known, **(extra_context or {})}
        if request.method == "POST" and "_restore" in request.POST:
            return self._restore_built_in_text(request, kind)
        if request.method == "POST" and "_preview" in request.POST:
            return self._preview_response(request, kind, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _restore_built_in_text(self, request, kind):
        text = self.get_object(request, kind)
        if not self.has_change_permission(request, text):
            raise PermissionDenied
        MailText.objects.filter(pk=kind).delete()
        self.log_change(request, text, gettext("Restored the built-in text."))
        self.message_user(
            request, gettext("The built-in text is in force again."), messages.SUCCESS
        )
        return redirect(reverse("admin:site_app_mailtext_change", args=[kind]))

    def _preview_response(self, request, kind, extra_context):
        text = self.get_object(request, kind)
        if not self.has_change_permission(request, text):
            raise PermissionDenied
        form = self.get_form(request, text)(request.POST, instance=text)
        if form.is_valid():
            typed = form.cleaned_data
            letter = compose_mail(typed["subject"], typed["body"], form.wording.example_values())
            extra_context |= {"letter": letter, "letter_html": letter.body_as_html()}
        fields = helpers.AdminForm(form, self.get_fieldsets(request, text), {}, model_admin=self)
        context = self.admin_site.each_context(request) | {
            "title": gettext("Change text of a mail"),
            "subtitle": str(text),
            "adminform": fields,
            "errors": helpers.AdminErrorList(form, []),
            "inline_admin_formsets": [],
            "object_id": kind,
            "original": text,
            "media": self.media + fields.media,
            "is_popup": False,
            "to_field": None,
            "preserved_filters": "",
            **extra_context,
        }
        return self.render_change_form(request, context, change=True, obj=text)

    def save_model(self, request, obj, form, change):
        built_in = form.wording
        if (obj.subject, obj.body.strip()) == (built_in.subject, built_in.body.strip()):
            # Identical to the built-in text, so it is not stored: a later release may improve it.
            MailText.objects.filter(pk=obj.pk).delete()
        else:
            obj.save()
