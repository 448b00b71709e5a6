from django.urls import reverse


def admin_address(model, page: str, *args) -> str:
    """Return the address of a page of the admin: "changelist", "add", "change", or one of its own.

    `model` is a model or a record, `args` usually the key of a record.
    """
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)
