"""A real mail server on the loopback interface that can be down, slow or reject mail."""

import asyncio
import logging
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from tests.ports import free_port
from tests.waiting import PATIENCE

logging.getLogger("mail.log").setLevel(logging.WARNING)  # it logs every line of the dialogue


class MailServer:
    """Stores what it accepts in `received`, as (recipient, message); it can be stopped and started.

    `refuse`: {recipient: response to RCPT}; `refuse_content`: {recipient: response to DATA};
    `delay_seconds`: delay before the response to the data; `hang_up_on`: recipients at whose data it
    closes the connection.
    """

    def __init__(self, port: int | None = None):
        self.port = port or free_port()
        self.received: list[tuple[str, object]] = []
        self.refuse: dict[str, str] = {}
        self.refuse_content: dict[str, str] = {}
        self.hang_up_on: set[str] = set()
        self.delay_seconds = 0.0
        self.connections = 0
        self._controller: Controller | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()

    def start(self):
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ready_timeout=PATIENCE,
            data_size_limit=10**7,
        )
        self._controller.start()

    def stop(self):
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    @property
    def ids(self) -> Counter:
        """How often each Message-ID arrived."""
        return Counter(message["Message-ID"] for _recipient, message in self.received)

    def to(self, recipient: str) -> list:
        return [message for address, message in self.received if address == recipient]

    # These names are given by aiosmtpd.

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        (recipient,) = envelope.rcpt_tos
        if recipient in self.refuse_content:
            return self.refuse_content[recipient]
        if recipient in self.hang_up_on:
            server.transport.abort()
            return "421 Good-bye"
        await asyncio.sleep(self.delay_seconds)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append((recipient, message))
        return "250 OK"
