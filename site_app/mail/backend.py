"""Django's SMTP backend with a long timeout where a short one would send a message twice.

After the final dot the server may take its time before it answers. Whoever hangs up meanwhile does
not know whether the message went out, and will send it again. Source: RFC 1047; RFC 5321, section
4.5.3.2.6, asks for ten minutes; five are within the time after which another worker takes it up.
"""

import smtplib

from django.core.mail.backends import smtp

DATA_REPLY_TIMEOUT_SECONDS = 300


class _LongDataTimeoutMixin:
    def data(self, msg):
        self.sock.settimeout(DATA_REPLY_TIMEOUT_SECONDS)
        try:
            return super().data(msg)
        finally:
            if self.sock is not None:
                self.sock.settimeout(self.timeout)


class LongDataTimeoutSMTP(_LongDataTimeoutMixin, smtplib.SMTP):
    pass


class LongDataTimeoutSMTPSSL(_LongDataTimeoutMixin, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self):
        return LongDataTimeoutSMTPSSL if self.use_ssl else LongDataTimeoutSMTP
