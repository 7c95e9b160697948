"""lifelib in a process and an environment of its own: it reads commands and times itself.

Run by ``bench.projection`` with the interpreter of that environment, never by ours. Each line on
standard input is one command: ``load N`` sets N model points, ``fresh`` forgets what was computed,
``run`` computes the present values, ``save PATH`` keeps them. Each answers with one line: seconds
and the peak memory of this process in MiB.
"""

import resource
import sys
import time
from pathlib import Path

import lifelib
import modelx
import numpy as np
import pandas as pd

SEED = 12_345


def points(n: int) -> pd.DataFrame:
    """Make n model points by the recipe of lifelib's notebook."""
    rng = np.random.default_rng(SEED)
    age = rng.integers(low=20, high=60, size=n)
    sex = np.array(["M", "F"])[rng.integers(low=0, high=2, size=n)]
    term = rng.integers(low=0, high=3, size=n) * 5 + 10
    sum_assured = np.round(990_000 * rng.random(size=n) + 10_000, -3)
    duration = np.rint(rng.random(size=n) * (term * 12 + 36) - 36).astype(np.int64)
    count = np.rint(rng.random(size=n) * 100).astype(np.int64)
    columns = {
        "age_at_entry": age,
        "sex": sex,
        "policy_term": term,
        "policy_count": count,
        "sum_assured": sum_assured.astype(np.int64),
        "duration_mth": duration,
    }
    return pd.DataFrame(columns, index=pd.Index(np.arange(1, n + 1), name="point_id"))


def main() -> None:
    """Read the model once and obey."""
    place = Path(lifelib.__file__).parent / "libraries" / "basiclife" / "BasicTerm_ME"
    space = modelx.read_model(place).Projection
    table, found = points(10), None
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        began = time.perf_counter()
        if command == "load":
            table = points(int(rest))
        if command in ("load", "fresh"):
            space.model_point_table = table
        elif command == "run":
            found = space.result_pv()
        elif command == "save":
            np.save(rest, found.to_numpy())
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{seconds:.6f} {peak:.0f}", flush=True)


if __name__ == "__main__":
    main()
