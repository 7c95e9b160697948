from core.remember import forget, remember

calls: list[int] = []


@remember(seconds=30, when=lambda answer: answer > 0)
def double(number: int) -> int:
    calls.append(number)
    return 2 * number


def test_an_answer_is_kept_and_grows_old(monkeypatch):
    forget()
    calls.clear()
    now = [100.0]
    monkeypatch.setattr("core.remember.time.monotonic", lambda: now[0])
    assert [double(2), double(2)] == [4, 4]
    assert calls == [2]
    now[0] += 31
    assert double(2) == 4
    assert calls == [2, 2]
    forget()
    assert double(2) == 4
    assert calls == [2, 2, 2]


def test_what_may_not_be_kept_is_asked_again():
    calls.clear()
    assert [double(-1), double(-1)] == [-2, -2]
    assert calls == [-1, -1]
