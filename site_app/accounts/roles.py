"""The roles of staff: one per account, made of Django's groups and flags."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy

ADMINISTRATOR = "administrator"
ROLES = {  # role: (name for staff, description, group)
    "editor": (gettext_lazy("Editor"), gettext_lazy("enters and changes drafts"), "Editors"),
    "publisher": (
        gettext_lazy("Publisher"),
        gettext_lazy("publishes and withdraws, too"),
        "Publishers",
    ),
    "access-officer": (
        gettext_lazy("Access officer"),
        gettext_lazy("recordings and requests for them"),
        "Access officers",
    ),
    ADMINISTRATOR: (
        gettext_lazy("Administrator"),
        gettext_lazy("everything, accounts included"),
        None,
    ),
}


def role_of(user) -> str:
    """Return the first role that an account has, the widest first; "" if it has none."""
    if user.is_superuser:
        return ADMINISTRATOR
    names = {group.name for group in user.groups.all()}
    widest_first = ("publisher", "editor", "access-officer")
    return next((role for role in widest_first if ROLES[role][2] in names), "")


def give_role(user, role: str, further_groups=None) -> None:
    """Give an account a role instead of the one it has; `further_groups` replace its others."""
    before = role_of(user)
    groups = set(user.groups.all() if further_groups is None else further_groups)
    if further_groups is None and before != ADMINISTRATOR and before:
        groups -= set(Group.objects.filter(name=ROLES[before][2]))
    user.is_staff, user.is_superuser = True, role == ADMINISTRATOR
    user.save(update_fields=["is_staff", "is_superuser"])
    if group := ROLES[role][2]:
        groups.add(Group.objects.get(name=group))
    user.groups.set(groups)
