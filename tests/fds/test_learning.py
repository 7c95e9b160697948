import json
import subprocess
import sys
from datetime import date

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from core.acting import acting
from core.errors import NotAllowed
from fds import selectors, services
from fds.models import ClaimFacts, Label, LearnedModel, PartyLink, Promotion
from fds.rules import encoding, features, measures
from fds.services import boosting
from tests.factories import claims as make

PAST = services.Periods(date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1), date(2026, 2, 1))


def table(rows, seed=1):
    """Return a feature table in which persons with a past and short tenures are fraudulent."""
    rng = np.random.default_rng(seed)
    numbers = {name: np.full(rows, np.nan) for name in features.NUMBERS}
    numbers["tenure_days"] = rng.integers(0, 700, rows).astype(float)
    numbers["person_rate"] = rng.random(rows) * 0.3
    words = {name: np.full(rows, "", dtype=object) for name in features.WORDS}
    words["fault"] = rng.choice(np.array(["OWN", "OTHER"], dtype=object), rows)
    odds = -3 + 10 * numbers["person_rate"] - numbers["tenure_days"] / 300
    odds += np.where(words["fault"] == "OWN", 0.8, 0)
    truth = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    keys = np.array([str(n) for n in range(rows)], dtype=object)
    return services.Examples(keys, features.Features(numbers, words), truth)


def trained(kind="LOGISTIC", by="siu", seed=1):
    with acting(by):
        return services.learn(
            kind=kind, name="시험", periods=PAST, past=table(3000, seed), later=table(1500, 99)
        )


@pytest.mark.parametrize("kind", ["LIGHTGBM", "LOGISTIC"])
def test_a_model_is_stored_as_text_and_says_what_moved_a_score(people, kind):
    model = trained(kind)
    assert model.status == "CANDIDATE"
    assert model.metrics["roc_auc"] > 0.7
    assert model.metrics["ece"] < 0.05
    read = LearnedModel.objects.get(pk=model.pk)
    said = services.opinion(read, table(1500, 99).features)
    assert measures.roc_auc(table(1500, 99).truth, said.score) == pytest.approx(
        model.metrics["roc_auc"], abs=1e-6
    )  # what is read back from the database scores as it was judged
    assert said.probability.min() >= 0
    assert said.probability.max() <= 1
    assert set(said.names) == {"tenure_days", "person_rate", "fault"}
    base = said.score - said.contributions.sum(axis=1)
    assert np.ptp(base) < 1e-9  # the parts add up, whatever the claim


def test_the_order_of_columns_survives_a_store_that_sorts_keys():
    known = table(400).features
    encoder = encoding.fit(known)
    stored = json.loads(json.dumps(encoder, sort_keys=True))
    assert list(stored["numbers"]) != list(encoder["numbers"])
    for encode in (encoding.for_trees, encoding.for_line):
        np.testing.assert_array_equal(encode(encoder, known), encode(stored, known))
    for linear in (True, False):
        assert encoding.columns(encoder, linear=linear) == encoding.columns(stored, linear=linear)


def test_learning_again_from_the_same_gives_the_same_text(people):
    assert trained("LIGHTGBM").sha256 == trained("LIGHTGBM").sha256


def judged(model, **marks):
    """Let a stored model have been judged so."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE fds_models DISABLE TRIGGER fds_models_fixed")
    LearnedModel.objects.filter(pk=model.pk).update(metrics=marks)
    return LearnedModel.objects.get(pk=model.pk)


def test_a_second_person_promotes_and_a_worse_model_stays_out(people):
    model = judged(trained(), pr_auc=0.5, precision_top=0.6)
    with acting("siu"), pytest.raises(NotAllowed):
        services.promote(model_id=model.pk, to="CHAMPION", reason="내 모형")
    assert selectors.champion() is None
    with acting("siu2"):
        services.promote(model_id=model.pk, to="CHAMPION", reason="시점 외 검증 확인")
    for marks in ((0.49, 0.9), (0.9, 0.59), (0.5, 0.6)):
        worse = judged(trained(seed=7), pr_auc=marks[0], precision_top=marks[1])
        with acting("siu2"), pytest.raises(services.NotBetter):
            services.promote(model_id=worse.pk, to="CHAMPION", reason="바꾸기")
    assert selectors.champion() == model
    assert Promotion.objects.get().basis == "FIRST"
    with acting("siu2"):
        services.promote(model_id=worse.pk, to="CHALLENGER", reason="그림자로 보기")
    assert selectors.challenger() == worse
    better = judged(trained(seed=8), pr_auc=0.5, precision_top=0.61)
    with acting("siu2"):
        services.promote(model_id=better.pk, to="CHAMPION", reason="상위 정밀도 개선")
        services.promote(model_id=model.pk, to="CHAMPION", reason="되돌리기")
    said = list(Promotion.objects.order_by("pk").values_list("model_id", "before_id", "basis"))
    assert said[1:] == [(better.pk, model.pk, "SAME"), (model.pk, better.pk, "BACK")]
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        Promotion.objects.update(reason="")


def test_models_of_different_periods_are_judged_anew_or_not_compared(people):
    first = trained()
    with acting("siu2"):
        services.promote(model_id=first.pk, to="CHAMPION", reason="시점 외 검증 확인")
    when = services.Periods(date(2025, 1, 1), date(2025, 9, 1), date(2026, 1, 1), date(2026, 2, 1))
    with acting("siu"):
        other = services.learn(
            kind="LIGHTGBM", name="시험", periods=when, past=table(3000, 5), later=table(1500, 99)
        )
    with acting("siu2"), pytest.raises(services.NotBetter, match="10"):
        services.promote(model_id=other.pk, to="CHAMPION", reason="바꾸기")
    assert selectors.champion() == first
    assert Promotion.objects.count() == 1


def test_a_changed_text_is_refused_by_database_and_reader(people):
    model = trained()
    with pytest.raises(IntegrityError, match="train a new one"), transaction.atomic():
        LearnedModel.objects.filter(pk=model.pk).update(artefact="{}")
    model.artefact = model.artefact.replace("1", "2")
    with pytest.raises(services.TamperedModel):
        services.learning.verified(model)


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        ((date(2025, 1, 1), date(2025, 7, 1), date(2026, 6, 1), date(2026, 6, 1)), "아직 알 수 없"),
        ((date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1), date(2026, 6, 1)), "아직 알 수 없"),
        ((date(2025, 7, 1), date(2025, 1, 1), date(2026, 1, 1), date(2026, 2, 1)), "뒤에 와야"),
        ((date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1), date(2025, 9, 1)), "끝난 뒤"),
    ],
)
def test_labels_from_the_future_are_refused(people, periods, words):
    with acting("siu"), pytest.raises(services.FutureLabels, match=words):
        services.train(
            kind="LOGISTIC",
            name="미래",
            periods=services.Periods(*periods),
            business_date=date(2026, 3, 23),
        )
    assert not LearnedModel.objects.exists()


def test_too_few_frauds_and_programmes_are_refused(people):
    with acting("siu"), pytest.raises(services.TooFewFrauds):
        services.train(kind="LOGISTIC", name="x", periods=PAST, business_date=date(2026, 3, 23))
    with acting("batch:x"), pytest.raises(NotAllowed):
        services.train(kind="LOGISTIC", name="x", periods=PAST, business_date=date(2026, 3, 23))
    assert not LearnedModel.objects.exists()


def test_facts_parties_and_labels_are_refused_by_name(people):
    number = make.received(make.contract())
    with pytest.raises(services.BadFacts, match="month: unknown"):
        services.record_facts({number: {"month": 3}}, source="test")
    with pytest.raises(services.BadFacts, match="persons: 'two' is no number"):
        services.record_facts({number: {"persons": "two"}}, source="test")
    with pytest.raises(services.BadParties, match="FRIEND"):
        services.record_parties(parties((number, "FRIEND", "x")))
    with pytest.raises(services.BadParties, match="CLM-0"):
        services.record_parties(parties(("CLM-0", "PHONE", "x")))
    with acting("siu"), pytest.raises(services.BadLabels, match="접수일보다"):
        services.record_label(
            reception_id=number, state="CONFIRMED", source="CASE", decided_on=date(2026, 1, 1)
        )
    assert not ClaimFacts.objects.exists()
    assert not PartyLink.objects.exists()
    assert not Label.objects.exists()


def parties(*rows):
    columns = [np.array(c, dtype=object) for c in zip(*rows, strict=True)]
    return services.Parties(*columns, np.full(len(rows), "", dtype=object))


def test_network_features_know_only_what_was_known(people):
    first = make.received(make.contract(), reported_at="2026-03-21T09:00")
    second = make.received(make.contract(), reported_at="2026-03-22T09:00")
    third = make.received(make.contract(), reported_at="2026-03-27T09:00",
                          business_date=date(2026, 3, 27))  # fmt: skip
    services.record_parties(
        parties(
            *((n, "PHONE", p) for n, p in ((first, "010-1"), (second, "0101"), (third, "0101")))
        )
    )
    assert services.record_parties(parties((first, "PHONE", "0101"))) == 0
    with acting("siu"):
        services.record_label(
            reception_id=first, state="CONFIRMED", source="CASE", decided_on=date(2026, 3, 25)
        )
    found = _features([first, second, third])
    assert found.numbers["contact_links"].tolist() == [0, 1, 2]
    assert found.numbers["contact_frauds"].tolist() == [0, 0, 1]
    assert found.numbers["contact_rate"].tolist() == pytest.approx([0.05, 0.05, 1.5 / 11])


def _features(numbers):
    from claims import api as claims

    return selectors.features(selectors.moments_of(claims.claim_columns(numbers)))


def test_one_claim_alone_reads_as_in_a_batch(people):
    make.provider("H001")
    numbers = [
        make.received(make.contract(), provider_code="H001", reported_at=f"2026-03-2{n}T09:00")
        for n in range(1, 4)
    ]
    services.record_facts({numbers[1]: {"persons": 3, "fault": "OWN"}}, source="test")
    together = _features(numbers)
    for row, number in enumerate(numbers):
        assert _features([number]).row(0) == together.row(row)
    assert together.row(1)["persons"] == 3
    assert together.row(2)["provider_claims_90"] == 2


def test_measures_on_a_case_worked_by_hand():
    truth, score = np.array([0.0, 1, 0, 1, 0]), np.array([0.1, 0.4, 0.4, 0.9, 0.2])
    assert measures.roc_auc(truth, score) == pytest.approx(5.5 / 6)
    assert measures.pr_auc(truth, score) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert measures.precision_at(truth, score, 1) == 1
    assert measures.recall_at(truth, score, 0.4) == 1
    assert measures.psi([0.5, 0.5], [0.5, 0.5]) == 0
    assert measures.psi([0.5, 0.5], [0.9, 0.1]) == pytest.approx(
        0.4 * np.log(1.8) + -0.4 * np.log(0.2)
    )


def test_measures_agree_with_scikit_learn():
    from sklearn.metrics import average_precision_score, roc_auc_score

    rng = np.random.default_rng(3)
    truth, score = (rng.random(500) < 0.1).astype(float), rng.random(500).round(2)
    assert measures.roc_auc(truth, score) == pytest.approx(roc_auc_score(truth, score))
    assert measures.pr_auc(truth, score) == pytest.approx(average_precision_score(truth, score))


def test_the_encoder_drops_what_never_varies_and_levels_rare_words():
    known = table(400).features
    known.words["fault"][:5] = "ODD"
    encoder = encoding.fit(known)
    assert set(encoder["numbers"]) == {"tenure_days", "person_rate"}
    assert encoder["words"] == {"fault": ["OTHER", "OWN"]}
    assert np.isnan(encoding.for_trees(encoder, known)[:5, 2]).all()


def test_where_the_system_has_no_openmp_scikit_learn_lends_its_own(tmp_path):
    """LightGBM's library is made to ask for a name that no system has."""
    script = f"""
import ctypes
import os
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()
from importlib.metadata import files
from pathlib import Path
from fds.services.boosting import lend_gomp
library = next(f for f in files("lightgbm") if f.name == "lib_lightgbm.so").locate()
asks = Path(r"{tmp_path}") / "asks.so"
asks.write_bytes(Path(library).read_bytes().replace(b"libgomp.so.1\\0", b"libgomp.so.9\\0"))
try:
    ctypes.CDLL(str(asks))
except OSError as absent:
    assert "libgomp.so.9" in str(absent)
else:
    raise SystemExit("the name should be unknown")
lend_gomp("libgomp.so.9")
ctypes.CDLL(str(asks))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_nothing_of_the_learning_libraries_is_loaded_at_start():
    script = """
import os, sys, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()
import config.urls, fds.services.boosting
assert not {"lightgbm", "sklearn"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert boosting.lightgbm().__name__ == "lightgbm"
