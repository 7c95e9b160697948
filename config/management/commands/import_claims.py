"""Import policies and claims of another system from CSV or Excel, by a mapping."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.imports.importer import Importer, Totals, write_refusals
from config.imports.readers import BadFile, BadMapping
from config.imports.rows import load_mapping
from core.acting import acting
from core.clock import business_date
from core.errors import DomainError
from fds.models import Analysis

SHIPPED = Path(__file__).resolve().parents[2] / "imports" / "mappings"


class Command(BaseCommand):
    """Import; a second run of the same file adds only what is missing."""

    help = __doc__ or ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", required=True, help="a JSON file, or the name of a shipped mapping"
        )
        parser.add_argument("--edges", type=Path, help="file of the parties of each row")
        parser.add_argument("--dry-run", action="store_true", help="check all, write nothing")
        parser.add_argument("--errors", type=Path, help="where to write the refused rows")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report.

        Raises:
            CommandError: the file or the mapping cannot be used; nothing of the chunk was written.
        """
        path: Path = options["file"]
        if not path.exists():
            raise CommandError(f"There is no file {path}.")
        name = Path(options["mapping"])
        chosen = name if name.exists() else SHIPPED / f"{name.stem}.json"
        if not chosen.exists():
            known = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.json")))
            raise CommandError(f"There is no mapping {name}; shipped ones: {known}.")
        totals = Totals()
        try:
            mapping = load_mapping(chosen)
            importer = Importer(
                mapping, path, options["edges"], business_date(), options["dry_run"]
            )
            with acting("import", f"{mapping['source']}:{path.name}"), tqdm(unit="row") as bar:
                for totals in importer.run():
                    bar.update(totals.rows - bar.n)
        except (BadFile, BadMapping, DomainError) as wrong:
            raise CommandError(str(wrong)) from wrong
        errors = options["errors"] or path.with_name(f"{path.stem}.refused.csv")
        if totals.refused:
            write_refusals(errors, totals.refused)
        self.stdout.write(self._report(totals, options["dry_run"], errors))
        if not totals.reconciles:
            raise CommandError("The totals do not reconcile.")

    def _report(self, totals: Totals, dry: bool, errors: Path) -> str:
        scored = Analysis.objects.filter(claim_id__in=totals.receptions)
        lines = [
            "Dry run, nothing written." if dry else "Imported.",
            f"rows {totals.rows:,} = imported {totals.imported:,}"
            f" + already there {totals.already:,} + refused {len(totals.refused):,}",
            f"contracts issued {totals.contracts:,}",
        ]
        if not dry:
            lines.append(
                f"claims scored {scored.count():,},"
                f" suspicious {scored.filter(is_suspicious=True).count():,}"
            )
        if totals.refused:
            lines.append(f"refused rows with reasons: {errors}")
        return "\n".join(lines)
