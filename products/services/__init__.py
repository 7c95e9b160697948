"""Verbs of stage 1."""

from products.services.ratings import store_ratings
from products.services.versions import (
    BadPeriod,
    BadRules,
    CodeTaken,
    DraftExists,
    NewProduct,
    change_draft,
    new_version,
    preview,
    publish_version,
    refuse_bad,
    register,
    reopen,
    send_back,
    set_sale_period,
    submit,
    withdraw,
)

__all__ = [
    "BadPeriod",
    "BadRules",
    "CodeTaken",
    "DraftExists",
    "NewProduct",
    "change_draft",
    "new_version",
    "preview",
    "publish_version",
    "refuse_bad",
    "register",
    "reopen",
    "send_back",
    "set_sale_period",
    "store_ratings",
    "submit",
    "withdraw",
]
