"""Accounts of staff on one page: name, address, role, invitation."""

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext, gettext_lazy

from .forms import AccountForm
from .names import full_name_or_username
from .password_links import queue_invitation
from .roles import ROLES, give_role, role_of

User = get_user_model()
admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    form = add_form = AccountForm
    change_form_template = None
    add_form_template = None
    list_display = ["full_name", "email", "username", "role", "is_active", "last_login"]
    list_filter = ["is_active", "groups", "is_superuser"]
    actions = ["send_invitations"]
    filter_horizontal = ["user_permissions"]
    _WHO = (None, {"fields": ["first_name", "last_name", "email", "username"]})
    _ADVANCED = (
        gettext_lazy("Advanced"),
        {
            "classes": ["collapse"],
            "fields": ["groups", "user_permissions"],
            "description": gettext_lazy("Rights beyond the role. Most accounts need none."),
        },
    )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request, obj=None):
        role = ["role", "send_invitation"] if obj is None else ["role", "is_active"]
        extra = [] if obj is None else ["password_state", "send_invitation"]
        sets = [self._WHO, (gettext("Role"), {"fields": role})]
        if extra:
            sets.append((gettext("Password"), {"fields": extra}))
        return [*sets, self._ADVANCED] if request.user.is_superuser else sets

    def get_readonly_fields(self, request, obj=None):
        return ["password_state"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form_class = super(UserAdmin, self).get_form(request, obj, change=change, **kwargs)

        class FormForThisUser(form_class):
            may_make_administrators = request.user.is_superuser

        return FormForThisUser

    def has_change_permission(self, request, obj=None):
        # A user who may change accounts must not become an administrator by changing an
        # administrator's password.
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        give_role(form.instance, form.cleaned_data["role"], form.cleaned_data.get("groups"))
        if form.cleaned_data.get("send_invitation"):
            queue_invitation(form.instance)
            self.message_user(
                request,
                gettext("An invitation is on its way to %(email)s.")
                % {"email": form.instance.email},
                messages.SUCCESS,
            )

    def response_add(self, request, obj, post_url_continue=None):
        return super(UserAdmin, self).response_add(request, obj, post_url_continue)

    @admin.action(
        description=gettext_lazy("Send an invitation to the chosen accounts"),
        permissions=["change"],
    )
    def send_invitations(self, request, queryset):
        chosen = [user for user in queryset if user.is_active and user.email]
        for user in chosen:
            if self.has_change_permission(request, user):
                queue_invitation(user)
        self.message_user(
            request,
            gettext("Invitations on their way: %(number)s.") % {"number": len(chosen)},
            messages.SUCCESS,
        )

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user):
        return full_name_or_username(user)

    @admin.display(description=gettext_lazy("role"))
    def role(self, user):
        return ROLES[role_of(user)][0] if role_of(user) else gettext("None: cannot work")

    @admin.display(description=gettext_lazy("Password"))
    def password_state(self, user):
        return gettext("Chosen") if user.has_usable_password() else gettext("Not chosen yet")
