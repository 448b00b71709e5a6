from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

MAX_PASSWORD_LENGTH = 4096  # characters; no person types more, and nothing longer is worth reading


class LoginForm(AdminAuthenticationForm):
    """Django's form; it says when too many attempts were made, never whether this one was right."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].validators.append(MaxLengthValidator(MAX_PASSWORD_LENGTH))

    def get_invalid_login_error(self):
        if refused := getattr(self.request, "login_refused", None):
            minutes = f"{refused.minutes} minute{'' if refused.minutes == 1 else 's'}"
            return ValidationError(
                "There were too many attempts to log in. What you entered was not looked at. "
                f"Wait {minutes} and try again, or choose a new password by mail.",
                code="too_many",
            )
        return super().get_invalid_login_error()
