import pytest

from core.acting import acting
from core.models import StatusMove
from core.status import IllegalTransition, transition, transition_rows
from products.models import Product

pytestmark = pytest.mark.django_db


@pytest.fixture
def products():
    return Product.objects.bulk_create(
        Product(product_code=f"P{i}", product_name="x", product_type="LIFE", line="TERM")
        for i in range(3)
    )


def test_a_move_writes_its_history(products):
    with acting("alice", "t"):
        transition(products[0], "ACTIVE", reason="launch")
    move = StatusMove.objects.get(table_name="products")
    assert (move.from_status, move.to_status) == ("INACTIVE", "ACTIVE")
    assert (move.reason, move.actor) == ("launch", "alice")


def test_a_move_outside_the_table_is_refused(products):
    with pytest.raises(IllegalTransition):
        transition(products[0], "INACTIVE")
    assert not StatusMove.objects.filter(table_name="products").exists()


def test_a_record_that_another_moved_is_refused(products):
    stale = Product.objects.get(pk="P0")
    transition(products[0], "ACTIVE")
    with pytest.raises(IllegalTransition):
        transition(stale, "ACTIVE")
    assert StatusMove.objects.filter(table_name="products").count() == 1


def test_many_move_in_one_statement(products):
    transition(products[1], "ACTIVE")
    moved = transition_rows(Product, ["P0", "P1", "P2"], frm=["INACTIVE"], to="ACTIVE")
    assert moved == 2
    assert StatusMove.objects.filter(table_name="products").count() == 3
