from itertools import count

from sessions_app.views.state_cache import cached_for_archive_state


def test_an_answer_is_kept_for_its_state_alone(rf):
    numbers = count(1)

    def answer(state):
        request = rf.get("/")
        if state:
            request.state_to_keep_for = state
        return cached_for_archive_state(request, "number", lambda: next(numbers))

    assert [answer(state) for state in ("7:1", "7:1", "8:1", "7:1", "", "")] == [1, 1, 2, 1, 3, 4]
