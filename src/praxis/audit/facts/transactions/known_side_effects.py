"""Calls, by name, that leave the process: other servers, mail, programs, queues; or that wait."""

import re

_VERBS = ("get", "options", "head", "post", "put", "patch", "delete", "request")

#: Functions by their dotted names.
CALLS: dict[str, str] = {
    **{f"requests.{verb}": "network" for verb in _VERBS},
    **{f"requests.api.{verb}": "network" for verb in _VERBS},
    **{f"httpx.{verb}": "network" for verb in (*_VERBS, "stream")},
    "urllib.request.urlopen": "network",
    "urllib.request.urlretrieve": "network",
    "urllib3.request": "network",
    "smtplib.SMTP": "network",
    "smtplib.SMTP_SSL": "network",
    **{
        f"stripe.{resource}.{verb}": "network"
        for resource in (
            "Account", "Charge", "Checkout.Session", "checkout.Session", "Customer", "Invoice",
            "InvoiceItem", "PaymentIntent", "PaymentMethod", "Plan", "Price", "Product", "Refund",
            "SetupIntent", "Source", "Subscription", "SubscriptionItem", "Token", "Transfer",
        )
        for verb in ("create", "retrieve", "modify", "list", "delete", "cancel")
    },
    "django.core.mail.send_mail": "mail",
    "django.core.mail.send_mass_mail": "mail",
    "django.core.mail.mail_admins": "mail",
    "django.core.mail.mail_managers": "mail",
    "time.sleep": "sleep",
    "subprocess.run": "program",
    "subprocess.call": "program",
    "subprocess.check_call": "program",
    "subprocess.check_output": "program",
    "os.system": "program",
}  # fmt: skip

MAIL_CLASSES = frozenset({
    "django.core.mail.EmailMessage", "django.core.mail.EmailMultiAlternatives",
    "django.core.mail.message.EmailMessage", "django.core.mail.message.EmailMultiAlternatives",
})  # fmt: skip

#: What makes a client, and which of `METHODS` it has.
MAKERS: dict[str, str] = {
    "requests.Session": "session",
    "requests.session": "session",
    "httpx.Client": "session",
    "urllib3.PoolManager": "session",
    "boto3.client": "client",
}
_AWS = frozenset({
    "put_object", "get_object", "delete_object", "copy_object", "head_object", "upload_file",
    "upload_fileobj", "download_file", "send_message", "send_email", "publish", "invoke",
})  # fmt: skip
METHODS: dict[str, frozenset[str]] = {
    "session": frozenset(_VERBS),
    "client": _AWS,
    "mail": frozenset({"send"}),
}

#: Methods that hand a task to a queue. ``apply_async`` is also a process pool's.
TASK_METHODS = frozenset({"delay", "apply_async"})
#: Methods that hand a message to somebody else, whatever they are called on.
SEND_METHODS: dict[str, str] = {"send_task": "task", "group_send": "message"}

#: What visibly writes rows.
WRITES = re.compile(
    r"\.(?:a?save|a?create|a?delete|a?update|a?bulk_create|a?bulk_update|a?get_or_create"
    r"|a?update_or_create|create_user|create_superuser)\("
)
