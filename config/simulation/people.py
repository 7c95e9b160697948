"""Invented people and places. Nobody here exists; resident numbers have an impossible checksum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator

FAMILY = """
김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 전 홍 고
문 양 손 배 백 허 유 남
""".split()  # noqa: SIM905
FAMILY_WEIGHT = np.array([21, 15, 8, 5, 5, 3, 3, 3, 3, 3] + [1.5] * 20)
GIVEN_M = """
민준 서준 도윤 예준 시우 하준 주원 지호 지후 준서 현우 도현 건우 우진 선우
서진 민재 현준 연우 유준 정우 승우 승현 시윤 준혁 은우 지환 승민 지우 유찬
영수 영호 성호 정훈 상훈 성민 진우 동현 재현 태현 병철 상철 기훈 종수 광수
""".split()  # noqa: SIM905
GIVEN_F = """
서연 서윤 지우 서현 하은 하윤 민서 지유 윤서 채원 수아 지민 지아 소율 다은
은서 예은 지안 수빈 소윤 예린 아린 시은 나은 유진 지원 가은 미경 미숙 영희
정숙 은주 현주 지영 수진 혜진 보람 은정 선영 경희 명숙 순자 정희 옥순
""".split()  # noqa: SIM905
REGIONS = {
    "서울": ("강남", "종로", "송파", "마포", "영등포", "노원"),
    "경기": ("수원", "성남", "고양", "용인", "안양"),
    "부산": ("해운대", "서면", "동래"),
    "대구": ("수성", "중구"),
    "인천": ("부평", "송도"),
    "광주": ("상무", "첨단"),
    "대전": ("둔산", "유성"),
    "강원": ("춘천", "원주"),
}
STREETS = """
중앙로 시청로 평화로 문화로 한강대로 번영로 청사로 대학로 새마을로 월드컵로
""".split()  # noqa: SIM905
JOBS = [
    ("OFF01", 1, 0.38),
    ("TEA01", 1, 0.10),
    ("HOU01", 1, 0.16),
    ("SAL01", 1, 0.12),
    ("DRV01", 2, 0.08),
    ("FAC01", 2, 0.09),
    ("CON01", 3, 0.05),
    ("FIS01", 3, 0.02),
]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person."""

    name: str
    sex: str
    birth_date: date
    resident_number: str
    phone: str
    address: str
    job_code: str
    job_class: int


def names(rng: Random, sexes: NDArray[np.object_]) -> list[str]:
    """Invent names."""
    family = rng.choice(FAMILY, size=len(sexes), p=FAMILY_WEIGHT / FAMILY_WEIGHT.sum())
    return [
        str(f) + str(rng.choice(GIVEN_M if s == "M" else GIVEN_F))
        for f, s in zip(family, sexes, strict=True)
    ]


def address(rng: Random, region: str | None = None) -> str:
    """Invent an address."""
    region = region or str(rng.choice(list(REGIONS)))
    town = str(rng.choice(REGIONS[region]))
    return f"{region} {town} {rng.choice(STREETS)} {rng.integers(1, 300)}"


def people(rng: Random, count: int, on: date, serial: int) -> list[Person]:
    """Invent people who are 20 to 64 years old on a day.

    Args:
        rng: the day's generator.
        count: how many.
        on: the day.
        serial: a number that makes the resident numbers unique over the whole simulation.
    """
    sexes = rng.choice(np.array(["M", "F"], dtype=object), size=count)
    ages = np.clip(rng.normal(41, 11, size=count), 20, 64)
    jobs = rng.choice(len(JOBS), size=count, p=[w for *_, w in JOBS])
    called = names(rng, sexes)
    out = []
    for i in range(count):
        born = on - timedelta(days=int(ages[i] * 365.25) + int(rng.integers(0, 365)))
        code, risk, _ = JOBS[int(jobs[i])]
        out.append(
            Person(
                name=called[i],
                sex=str(sexes[i]),
                birth_date=born,
                resident_number=resident_number(born, str(sexes[i]), serial + i),
                phone=f"010-{rng.integers(2000, 9999)}-{rng.integers(0, 9999):04d}",
                address=address(rng),
                job_code=code,
                job_class=risk,
            )
        )
    return out


def resident_number(born: date, sex: str, serial: int) -> str:
    """Make a number of the right form whose check digit is wrong, so that it is nobody's.

    Args:
        born: date of birth; gives six digits and the century digit.
        sex: "M" or "F".
        serial: below 100,000 for each birth date.
    """
    century = (1 if sex == "M" else 2) + (2 if born.year >= 2000 else 0)
    head = f"{born:%y%m%d}{century}{serial % 100_000:05d}"
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    right = (11 - sum(int(d) * w for d, w in zip(head, weights, strict=True)) % 11) % 10
    return f"{head}{(right + 1) % 10}"


def insurance_age(born: date, on: date) -> int:
    """Return the insurance age (보험나이): nearest birthday, six months round up."""
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    years, rest = divmod(months, 12)
    return years + (rest >= 6)
