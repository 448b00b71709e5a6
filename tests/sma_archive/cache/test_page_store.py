from sma_archive.cache.page_store import OVERHEAD_BYTES, CachedResponse, PageStore


def answer(size: int) -> CachedResponse:
    return CachedResponse(b"x" * size, {}, '"etag"')


def test_store_evicts_the_least_recently_used_entries():
    store = PageStore(3 * (100 + OVERHEAD_BYTES), 60)
    store.get("state", "a")
    for key in "abc":
        store.put("state", key, answer(100))
    store.get("state", "a")

    store.put("state", "d", answer(100))

    assert [key for key in "abcd" if store.get("state", key)] == ["a", "c", "d"]
    assert store.bytes == store.max_bytes
    store.put("state", "a", answer(3 * 100))
    assert [key for key in "acd" if store.get("state", key)] == ["a", "d"]
    assert store.bytes == 3 * 100 + 100 + 2 * OVERHEAD_BYTES


def test_store_rejects_entries_larger_than_itself():
    store = PageStore(1000, 60)
    store.get("state", "a")

    store.put("state", "a", answer(1000))

    assert (len(store), store.bytes) == (0, 0)


def test_new_state_clears_the_store_and_rejects_older_responses():
    store = PageStore(100_000, 60)
    store.get("old", "a")
    store.put("old", "a", answer(1))

    assert store.get("new", "a") is None
    store.put("old", "a", answer(1))  # computed by a thread that started earlier

    assert store.get("new", "a") is None
    assert (len(store), store.bytes) == (0, 0)


def test_cached_response_expires():
    store = PageStore(100_000, -1)
    store.get("state", "a")
    store.put("state", "a", answer(1))

    assert store.get("state", "a") is None
    assert (len(store), store.bytes) == (0, 0)
