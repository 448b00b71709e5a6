import threading
from collections.abc import Callable

from django.db import connections


def at_once(times: int, act: Callable) -> list:
    """Call `act` from so many threads at the same moment; return the result of each call.

    The result of a call that raised is the exception.
    """
    gate, results = threading.Barrier(times), []

    def run():
        gate.wait()
        try:
            results.append(act())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
