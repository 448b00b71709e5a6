"""The roles of staff: one of each account, and what it is made of in Django's terms."""

from django.contrib.auth.models import Group

ADMINISTRATOR = "administrator"
ROLES = {  # role → (what staff call it, what it may, its group)
    "editor": ("Editor", "enters and changes drafts", "Editors"),
    "publisher": ("Publisher", "publishes and withdraws, too", "Publishers"),
    "access-officer": ("Access officer", "recordings and requests for them", "Access officers"),
    ADMINISTRATOR: ("Administrator", "everything, accounts included", None),
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
