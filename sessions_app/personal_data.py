"""Personal data in readers' comments: export and deletion."""

from site_app.personal_data import delete_admin_log, register_personal_data

from .models import Comment


def export_comments(email: str) -> list[dict]:
    wanted = ("created_at", "name", "email", "body", "status", "session__title", "session__slug")
    return list(Comment.objects.filter(email=email).values(*wanted))


def erase_comments(email: str) -> int:
    found = Comment.objects.filter(email=email)
    delete_admin_log(found)
    comments = list(found)
    for comment in comments:  # one by one, so that each updates its pages
        comment.delete()
    return len(comments)


register_personal_data("comments", export_comments, erase_comments)
