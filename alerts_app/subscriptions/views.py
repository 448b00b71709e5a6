"""Asking for an alert, and the pages its links lead to."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views import View
from django.views.generic import TemplateView

from alerts_app.alert_query import AlertQuery, preload_labels_of_queries
from alerts_app.models import ALERT_TOKEN_PURPOSE, Alert
from sessions_app.catalogue.list_kinds import LIST_KINDS_BY_NAME
from site_app.forms.tokens import record_of_token
from site_app.views import PrivateTokenPageMixin, ProtectedFormView

from .forms import ChangeAlertForm, NewAlertForm
from .subscribing import (
    change_confirmed_alert,
    confirm_alert,
    stop_alert,
    store_and_mail_alert_request,
)


class NewAlertView(ProtectedFormView):
    """The form for the query in the address."""

    template_name = "alerts_app/new.html"
    form_class = NewAlertForm

    def get_form_kwargs(self):
        kind = LIST_KINDS_BY_NAME.get(self.request.GET.get("list"), LIST_KINDS_BY_NAME["sessions"])
        return super().get_form_kwargs() | {"asked": AlertQuery(kind, self.request.GET)}

    def process_form(self, form):
        wanted = ("email", "note", "frequency")
        return store_and_mail_alert_request(
            asked=form.asked, **{name: form.cleaned_data[name] for name in wanted}
        )

    def redirect_after_success(self, alert):
        """Respond the same to everybody, so that nobody learns whether an address is known."""
        response = redirect("alerts:sent")
        response.status_code = 303
        return response


class ConfirmationSentView(TemplateView):
    template_name = "alerts_app/sent.html"


class AlertTokenView(PrivateTokenPageMixin, View):
    """A page behind an alert's token."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.alert = record_of_token(kwargs["token"], ALERT_TOKEN_PURPOSE, Alert.objects.all())

    def dispatch(self, request, *args, **kwargs):
        if self.alert is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def render_page(self, template, status=200, **context):
        context |= {"alert": self.alert, "asked": self.alert.alert_query()}
        return render(self.request, f"alerts_app/{template}.html", context, status=status)


class ConfirmOrChangeAlertView(AlertTokenView):
    """Confirm the alert, then change it. A mail scanner opens every link: only buttons act."""

    def get(self, request, token):
        match self.alert.status:
            case Alert.Status.UNCONFIRMED:
                return self.render_page("confirm")
            case Alert.Status.STOPPED:
                return self.render_page("stopped", status=410)
        return self.render_form_page(ChangeAlertForm(alert=self.alert))

    def post(self, request, token):
        if self.alert.status == Alert.Status.STOPPED:
            return self.render_page("stopped", status=410)
        if self.alert.status == Alert.Status.UNCONFIRMED:
            confirm_alert(self.alert)
            return self.redirect_with_message(
                gettext("Your alert is confirmed. We will send new results to the address below.")
            )
        form = ChangeAlertForm(request.POST, alert=self.alert)
        if not form.is_valid():
            return self.render_form_page(form)
        wanted = {name: form.cleaned_data[name] for name in ("note", "frequency")}
        try:
            change_confirmed_alert(self.alert, asked=form.asked, **wanted)
        except IntegrityError:  # submitted twice, or in two windows
            form.add_error(None, gettext("Another alert of yours follows this already."))
            return self.render_form_page(form)
        return self.redirect_with_message(gettext("Your changes have been saved."))

    def render_form_page(self, form):
        """Show the alert with all others of its address: who has this link has the mailbox."""
        others = Alert.objects.filter(email=self.alert.email, status=Alert.Status.ACTIVE)
        others = [(other, other.alert_query()) for other in others.exclude(pk=self.alert.pk)]
        preload_labels_of_queries(asked for _alert, asked in others)
        return self.render_page("alert", form=form, others=others, form_failed=bool(form.errors))

    def redirect_with_message(self, message):
        messages.success(self.request, message)
        response = redirect(self.alert.manage_path)
        response.status_code = 303
        return response


class StopAlertView(AlertTokenView):
    """Stop the alert by a button, or by the mail program's own (RFC 8058: POST, no redirect)."""

    def get(self, request, token):
        if self.alert.status == Alert.Status.STOPPED:
            return self.render_page("stopped", status=410)
        return self.render_page("stop")

    def post(self, request, token):
        stop_alert(self.alert)
        return self.render_page("stopped")
