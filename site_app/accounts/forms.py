from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext, gettext_lazy, ngettext

from site_app.forms.protection import EmailAddressField, HoneypotForm
from site_app.text.email_addresses import stored_address

from .roles import ADMINISTRATOR, ROLES, role_of

# characters; no person types a longer one, and hashing it would waste time
MAX_PASSWORD_LENGTH = 4096


class LoginForm(AdminAuthenticationForm):
    """Django's form; it reports too many attempts, never whether this one was correct."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].validators.append(MaxLengthValidator(MAX_PASSWORD_LENGTH))

    def get_invalid_login_error(self):
        if refused := getattr(self.request, "login_refused", None):
            return ValidationError(
                ngettext(
                    "There were too many attempts to log in. What you entered was not looked at. "
                    "Wait %(minutes)s minute and try again, or choose a new password by mail.",
                    "There were too many attempts to log in. What you entered was not looked at. "
                    "Wait %(minutes)s minutes and try again, or choose a new password by mail.",
                    refused.minutes,
                )
                % {"minutes": refused.minutes},
                code="too_many",
            )
        return super().get_invalid_login_error()


class ForgottenPasswordForm(HoneypotForm):
    email = EmailAddressField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("The address of your account; the link goes there."),
    )


class AccountForm(forms.ModelForm):
    """An account as administrators see it: name, address and role."""

    email = EmailAddressField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Invitations and new passwords go there."),
    )
    role = forms.ChoiceField(widget=forms.RadioSelect)
    send_invitation = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Send an invitation"),
        help_text=gettext_lazy("A mail with a link by which they choose their password."),
    )

    class Meta:
        model = get_user_model()
        fields = ["first_name", "last_name", "email", "username", "is_active"]

    may_make_administrators = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            (role, gettext("%(label)s: %(value)s") % {"label": label, "value": may})
            for role, (label, may, _group) in ROLES.items()
            if self.may_make_administrators or role != ADMINISTRATOR
        ]
        for name in ("first_name", "last_name"):
            if name in self.fields:
                self.fields[name].required = True
        self.fields["username"].required = False
        self.fields["username"].help_text = gettext(
            "For logging in. Left empty: the e-mail address before the @."
        )
        if self.instance.pk:
            self.fields["role"].initial = role_of(self.instance)
            self.fields["send_invitation"].initial = False
            if "groups" in self.fields:
                own = ROLES.get(role_of(self.instance), ("", "", None))[2]
                self.initial["groups"] = self.instance.groups.exclude(name=own or "")
        if "groups" in self.fields:
            self.fields["groups"].label = gettext("Further groups")
            self.fields["groups"].help_text = gettext("Besides the group of the role.")
            self.fields["groups"].queryset = Group.objects.order_by("name")

    def clean_email(self):
        address = self.cleaned_data["email"]
        others = get_user_model().objects.exclude(pk=self.instance.pk)
        if any(
            stored_address(other.email) == address
            for other in others.filter(email__iexact=address)
        ):
            raise ValidationError(gettext("Another account has this address."), code="taken")
        return address

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("username") and cleaned.get("email"):
            cleaned["username"] = self._unused_username(cleaned["email"].partition("@")[0])
            self.instance.username = cleaned["username"]
        return cleaned

    def _unused_username(self, wanted):
        """Return an unused user name: the wanted one, or the same with a number."""
        wanted = "".join(letter for letter in wanted if letter.isalnum() or letter in "._+-")[:140]
        wanted = wanted or "staff"
        taken = set(
            get_user_model()
            .objects.filter(username__istartswith=wanted)
            .values_list("username", flat=True)
        )
        number, name = 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name
