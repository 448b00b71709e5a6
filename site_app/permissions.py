"""Permissions to change what readers see. All code that writes for a person asks here.

Only people who may publish can change what is or was public, because what they save is public at
once. Editors work on drafts, and on people, organisations and subjects that no public session
shows. The apps above register their models and say which of their records are public.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext_lazy

PUBLISH_PERMISSION = "sessions_app.publish_session"


class NotAllowedError(PermissionDenied):
    """This person may not change this record; the message says which one, and who may.

    As a PermissionDenied it becomes a 403 where no view shows the message.
    """


class RightMissingError(PermissionDenied):
    """This person lacks the Django permission ("app.codename") for the request."""

    def __init__(self, permission: str):
        super().__init__()
        self.permission = permission


def may_publish(user) -> bool:
    """Return whether `user` may publish; None means a command run on the server."""
    return user is None or user.has_perm(PUBLISH_PERMISSION)


def no_value_refusal(user, record) -> str:
    return ""


@dataclass(frozen=True)
class ProtectionRule:
    """How records of a model are protected.

    `public_keys`: keys of records → those that are or were public; `is_public` returns this for a
    loaded record without a query. `owner_field`: the field with the record that it is a part of,
    whose rule applies. `may_change_public`: who may change a public one; everybody else gets
    `refusal_message`. `value_refusal`: (user, record as it would be saved) → why its values require
    another user, or "".
    """

    public_keys: Callable[[Collection[int]], set[int]] | None = None
    is_public: Callable[[Model], bool] | None = None
    owner_field: str = ""
    may_change_public: Callable[[object], bool] = may_publish
    refusal_message: str = gettext_lazy(
        "“%(record)s” is or was public: only a publisher may change it."
    )
    value_refusal: Callable[[object, Model], str] = no_value_refusal


_rules: dict[type[Model], ProtectionRule] = {}


def register_protection(model: type[Model], **values) -> None:
    """Register how records of `model` are protected; see ProtectionRule."""
    _rules[model] = ProtectionRule(**values)


def protection_rule_of(model: type[Model]) -> ProtectionRule | None:
    return _rules.get(model._meta.concrete_model)


def public_record_affected_by(record: Model) -> Model | None:
    """Return the public record that a change of `record` would change: itself, or its owner.

    An unsaved record is not public; one that is a part counts with the record it would belong to
    and with the one it is stored with.
    """
    rule = protection_rule_of(type(record))
    if rule is None:
        return None
    if not rule.owner_field:
        if record.pk is None:
            return None
        is_public = rule.is_public(record) if rule.is_public else rule.public_keys([record.pk])
        return record if is_public else None
    owners = {getattr(record, f"{rule.owner_field}_id"): getattr(record, rule.owner_field, None)}
    if record.pk:
        stored = (
            type(record)
            ._base_manager.filter(pk=record.pk)
            .select_related(rule.owner_field)
            .first()
        )
        if stored:
            owners[getattr(stored, f"{rule.owner_field}_id")] = getattr(stored, rule.owner_field)
    public_owners = (
        public_record_affected_by(owner) for owner in owners.values() if owner is not None
    )
    return next((owner for owner in public_owners if owner is not None), None)


def _find_refusal(user, record) -> tuple[ProtectionRule, Model | None, str] | None:
    """Return (rule, public record, what is wrong with the values) of a refusal, None if there is none."""
    rule = protection_rule_of(type(record)) if record is not None else None
    if user is None or rule is None:
        return None
    if said := rule.value_refusal(user, record):
        return rule, None, said
    if rule.may_change_public(user) or (public := public_record_affected_by(record)) is None:
        return None
    return rule, public, ""


def change_refusal(user, record: Model | None) -> str:
    """Return why `user` may not save or delete `record` as loaded; empty if they may.

    Checks only this rule: Django's model permissions apply in addition. A `user` of None means a command run
    on the server, which may do everything.
    """
    refused = _find_refusal(user, record)
    if refused is None:
        return ""
    rule, public, said = refused
    if said:
        return said
    # The name before the change, not after it.
    stored = type(public)._base_manager.filter(pk=public.pk).first()
    return rule.refusal_message % {"record": stored}


def may_change(user, record: Model | None) -> bool:
    """Tell whether `user` may save or delete `record`; see change_refusal."""
    return _find_refusal(user, record) is None


def require_may_change(user, *records: Model) -> None:
    """Raise NotAllowedError for the first of `records` that `user` may not change."""
    for record in records:
        if said := change_refusal(user, record):
            raise NotAllowedError(said)
