"""The geometry of the pictures: pure functions."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from fds.rules import lanes, maps

NODES = st.integers(0, 12).map(str)
GRAPH = st.lists(st.tuples(NODES, NODES).filter(lambda e: e[0] != e[1]), max_size=40)


@given(GRAPH, st.sets(NODES, max_size=3))
def test_every_node_that_can_be_reached_has_a_place_of_its_own(edges, hubs):
    drawn = maps.draw("0", edges, hubs)
    reached = {"0"}
    while True:
        more = {b for a, b in edges if a in reached} | {a for a, b in edges if b in reached}
        if more <= reached:
            break
        reached |= more
    assert set(drawn.places) == reached
    spots = {(place.x, place.y) for place in drawn.places.values()}
    assert len(spots) == len(reached)
    assert all(0 <= p.x <= drawn.width and 0 <= p.y <= drawn.height for p in drawn.places.values())
    assert len(drawn.branches) == len(reached) - 1


def test_no_branch_goes_on_behind_a_hub():
    edges = [("claim", "agent"), ("claim", "phone"), ("other", "agent"), ("phone", "other")]
    drawn = maps.draw("claim", edges, {"agent"})
    assert ("phone", "other") in drawn.branches
    assert ("agent", "other") not in drawn.branches
    assert drawn.places["other"].depth == 2


def test_a_line_of_time_has_room_for_all():
    bar = lanes.Bar(date(2026, 1, 1), date(2026, 12, 31), 0, "cover", "green")
    mark = lanes.Mark(date(2026, 7, 2), 1, "claim", "red")
    drawn = lanes.lanes(["contract", "claims"], [bar], [mark], until=date(2026, 12, 31))
    assert drawn.bars[0].x == 0
    assert drawn.bars[0].width == lanes.WIDTH
    assert drawn.marks[0].x == 500.0
    assert [label for _x, label in drawn.ticks][:2] == ["2026-01", "2026-03"]
    assert lanes.lanes(["a"], [], [], until=date(2026, 1, 1)) is None
