"""A map of relations as a picture: who is near whom, on rings around what is looked at.

Pure geometry: a graph goes in, places come out. The first path that reaches a node makes its
branch; each branch gets a share of the circle by the number of its leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

RING = 96.0
WIDER = 1.6
SIDE, ABOVE, LEAST = 150.0, 34.0, 960.0
"""Room for the words beside the outermost nodes, and above and below them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands, in units of the picture.

    Args:
        x, y: middle of the node.
        depth: its ring; 0 is the middle.
        left: whether its words stand to its left.
    """

    x: float
    y: float
    depth: int
    left: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture: places by node, its size, and which edges are branches."""

    places: Mapping[str, Place]
    width: float
    height: float
    branches: frozenset[tuple[str, str]]


def draw(root: str, edges: Sequence[tuple[str, str]], hubs: Collection[str] = frozenset()) -> Drawn:
    """Place the nodes that can be reached from a root on rings around it.

    Args:
        root: the node in the middle.
        edges: pairs of nodes, each once, in the order in which they were found.
        hubs: nodes that everybody knows: no branch goes on behind them.
    """
    near: dict[str, list[str]] = {root: []}
    for one, other in edges:
        if root not in (one, other) and (one in hubs or other in hubs):
            near.setdefault(one, [])
            near.setdefault(other, [])
            continue
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    parent, order = {root: ""}, [root]
    for node in order:
        for other in near[node]:
            if other not in parent:
                parent[other] = node
                order.append(other)
    children: dict[str, list[str]] = {node: [] for node in order}
    depth = {root: 0}
    for node in order[1:]:
        children[parent[node]].append(node)
        depth[node] = depth[parent[node]] + 1
    _reach_the_rest(parent, order, depth, children, edges)
    places = _places(root, order, children, depth, leaves_of(order, children))
    left = min(place.x for place in places.values()) - SIDE
    top = min(place.y for place in places.values()) - ABOVE
    right = max(place.x for place in places.values()) + SIDE
    foot = max(place.y for place in places.values()) + ABOVE + 12
    spare = max(LEAST - (right - left), 0.0) / 2  # a small map keeps the size of its words
    left, right = left - spare, right + spare
    shifted = {
        node: Place(round(place.x - left, 1), round(place.y - top, 1), place.depth, place.left)
        for node, place in places.items()
    }
    branches = frozenset((parent[node], node) for node in order[1:])
    return Drawn(shifted, round(right - left, 1), round(foot - top, 1), branches)


def leaves_of(order: Sequence[str], children: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Count the leaves under each node of a tree; a leaf counts itself."""
    leaves: dict[str, int] = {}
    for node in reversed(order):
        leaves[node] = sum(leaves[child] for child in children[node]) or 1
    return leaves


def _reach_the_rest(
    parent: dict[str, str],
    order: list[str],
    depth: dict[str, int],
    children: dict[str, list[str]],
    edges: Sequence[tuple[str, str]],
) -> None:
    """Hang what only a hub leads to onto what is placed already, until nothing is left."""
    grown = True
    while grown:
        grown = False
        for one, other in edges:
            for known, fresh in ((one, other), (other, one)):
                if known in parent and fresh not in parent:
                    parent[fresh], depth[fresh] = known, depth[known] + 1
                    children[fresh] = []
                    children[known].append(fresh)
                    order.append(fresh)
                    grown = True
    order.sort(key=depth.__getitem__)


def _places(
    root: str,
    order: Sequence[str],
    children: Mapping[str, Sequence[str]],
    depth: Mapping[str, int],
    leaves: Mapping[str, int],
) -> dict[str, Place]:
    sector = {root: (-pi / 2, 3 * pi / 2)}
    places = {root: Place(0.0, 0.0, 0, left=False)}
    for node in order:
        start, end = sector[node]
        total = end - start
        for child in children[node]:
            width = total * leaves[child] / leaves[node]
            sector[child] = (start, start + width)
            start += width
            angle = sum(sector[child]) / 2
            radius = RING * depth[child]
            x, y = WIDER * radius * cos(angle), radius * sin(angle)
            places[child] = Place(x, y, depth[child], left=x < -1)
    return places
