"""Admin pages of public records, which check `permissions` before they write."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from site_app.permissions import NotAllowedError, change_refusal, protection_rule_of


class PermissionCheckFormMixin:
    """Mixin for a ModelForm that checks whether `user` may change its record as it would be saved."""

    user = None

    def _post_clean(self):
        super()._post_clean()
        if said := change_refusal(self.user, self.instance):
            self.add_error(None, said)


class PermittedAdmin(admin.ModelAdmin):
    """Base of the admin of every model that `permissions.register_protection` registered."""

    def change_refusal(self, request, record) -> str:
        """Return why this person may not change the stored `record`; checked once per request."""
        if record is None or record.pk is None:
            return ""
        known = request.__dict__.setdefault("_refusals", {})
        key = (self.opts.label_lower, record.pk)
        if key not in known:
            known[key] = change_refusal(request.user, record)
        return known[key]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not self.change_refusal(
            request, obj
        )

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not self.refusal_to_delete(
            request, obj
        )

    def refusal_to_delete(self, request, record) -> str:
        return self.change_refusal(request, record)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form)(form.__name__, (PermissionCheckFormMixin, form), {"user": request.user})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if object_id and (said := self._refusal_message(request, object_id)):
            if request.method == "POST":
                raise NotAllowedError(said)
            self.message_user(
                request, gettext("%(said)s Ask one of them.") % {"said": said}, messages.WARNING
            )
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        if said := self._refusal_message(request, object_id, self.refusal_to_delete):
            raise NotAllowedError(said)
        return super().delete_view(request, object_id, extra_context)

    def _refusal_message(self, request, object_id, refusal_of=None):
        rule = protection_rule_of(self.model)
        if rule is None or rule.may_change_public(request.user):
            return ""
        # Users without any permission for the page learn nothing about the record.
        if not self.has_view_or_change_permission(request):
            return ""
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return ""
        record = self.model._base_manager.filter(pk=key).first()
        return (refusal_of or self.change_refusal)(request, record) if record else ""

    def get_deleted_objects(self, objs, request):
        said = self.refusals_to_delete(objs, request)
        to_delete, counts, missing, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, {*missing, *said}, protected

    def refusals_to_delete(self, records, request) -> set[str]:
        """Return why this person may not delete `records`, each sentence once.

        Raises NotAllowedError with the first of them where the deletion was confirmed.
        """
        rule = protection_rule_of(self.model)
        if rule is None or rule.may_change_public(request.user):
            return set()
        said = {
            refusal for record in records if (refusal := self.refusal_to_delete(request, record))
        }
        if said and request.POST.get("post"):
            raise NotAllowedError(min(said))
        return said
