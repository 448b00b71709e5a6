"""Encryption of backups by the system's own program: age, or GnuPG."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

FILE_SUFFIX_OF_PROGRAM = {"age": ".age", "gpg": ".gpg"}
DEBIAN_PACKAGE_OF_PROGRAM = {"age": "age", "gpg": "gnupg"}


class EncryptionError(Exception):
    """Why something could not be encrypted or decrypted, in one sentence."""


class Cipher:
    """Encrypts for recipients, or decrypts with a key; without either, copies unchanged.

    A recipient is a public age key (`age1…`), an SSH public key, or an identifier of a key for GnuPG.
    An identity is a file with an age key; GnuPG uses the key ring of the current user.
    """

    def __init__(
        self, program: str = "", recipients: list[str] = (), identity: Path | None = None
    ):
        self.program, self.recipients, self.identity = program, list(recipients), identity
        self.suffix = FILE_SUFFIX_OF_PROGRAM.get(program, "")
        if program and shutil.which(program) is None:
            raise EncryptionError(
                f"{program} is not installed; run: apt-get install {DEBIAN_PACKAGE_OF_PROGRAM[program]}"
            )

    @classmethod
    def for_recipients(cls, recipients: list[str]) -> "Cipher":
        kinds = {_program_for_recipient(each) for each in recipients}
        if len(kinds) > 1:
            raise EncryptionError("Recipients of age and of GnuPG cannot be mixed in one backup.")
        return cls("".join(kinds), recipients)

    def _encrypt_command(self):
        if self.program == "age":
            return ["age", *(part for each in self.recipients for part in ("--recipient", each))]
        chosen = (part for each in self.recipients for part in ("--recipient", each))
        return [
            "gpg",
            "--batch",
            "--no-tty",
            "--quiet",
            "--trust-model",
            "always",
            "--compress-algo",
            "none",
            *chosen,
            "--encrypt",
        ]

    def _decrypt_command(self):
        if self.program == "age":
            if self.identity is None:
                raise EncryptionError("The backup is encrypted by age: give --identity FILE.")
            return ["age", "--decrypt", "--identity", str(self.identity)]
        return ["gpg", "--batch", "--no-tty", "--quiet", "--decrypt"]

    @contextmanager
    def open_for_encryption(self, target: BinaryIO) -> Iterator[BinaryIO]:
        """Yield a file to write to; the content is written to `target`, encrypted."""
        if not self.program:
            yield target
            return
        process = subprocess.Popen(
            self._encrypt_command(),
            stdin=subprocess.PIPE,
            stdout=target,
            stderr=subprocess.PIPE,
        )
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:
            pass  # the program ended early; its exit status and message say why
        except BaseException:
            process.kill()
            process.wait()
            raise
        _wait_for_success(process, "encrypt")

    @contextmanager
    def open_decrypted(self, path: Path) -> Iterator[BinaryIO]:
        """Yield a file with the decrypted content of `path`."""
        if not self.program:
            with path.open("rb") as file:
                yield file
            return
        with path.open("rb") as source:
            process = subprocess.Popen(
                self._decrypt_command(),
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            try:
                yield process.stdout
                rest = process.stdout.read(1)
            except BaseException:
                process.kill()
                said = process.communicate()[1]
                if process.returncode > 0:
                    raise EncryptionError(_failure_message(process, said, "decrypt")) from None
                raise
            if rest:  # a caller that reads only part of the output may stop early
                process.kill()
                process.communicate()
                return
            _wait_for_success(process, "decrypt")


def _program_for_recipient(recipient):
    return "age" if recipient.startswith(("age1", "ssh-")) else "gpg"


def _wait_for_success(process, action):
    said = process.stderr.read()
    if process.wait():
        raise EncryptionError(_failure_message(process, said, action))
    process.stderr.close()


def _failure_message(process, said, action):
    words = " ".join(said.decode(errors="replace").split())[:300]
    return f"{process.args[0]} could not {action}: {words or f'status {process.returncode}'}"
