"""The engines of stage 1: pure functions over arrays and frozen values, no database, no clock.

The life engine, worked by hand in ``docs/engines/life.md``:

=================  ===============================================================================
module             what it answers
=================  ===============================================================================
``tables``         rate tables, read and checked
``commutation``    D N S C M R of any exits and benefits, annuities and insurances by them
``basis``          the technical basis of a product
``premium``        net and gross premiums by any instalment, waiver of premiums
``reserve``        net premium reserves, Zillmer, risk premium, Fackler
``surrender``      standard deduction, unamortised cost, surrender values
``monthly``        a contract's account month by month
``unearned``       unearned premiums by days, 1/24, 1/8
``contingencies``  one life by the textbook: parts of years, expenses, Thiele, decrements
``lapses``         lapse rates of low-surrender products
``ages``           insurance age
``rounding``       whole won by name
=================  ===============================================================================

The rest reads the rules of a product (``ruleset``, ``rating``, ``jdm``) and shows them.
"""

from products.rules import (
    ages,
    basis,
    commutation,
    contingencies,
    lapses,
    monthly,
    premium,
    reserve,
    rounding,
    surrender,
    tables,
    unearned,
)

__all__ = [
    "ages",
    "basis",
    "commutation",
    "contingencies",
    "lapses",
    "monthly",
    "premium",
    "reserve",
    "rounding",
    "surrender",
    "tables",
    "unearned",
]
