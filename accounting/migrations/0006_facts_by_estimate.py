from django.db import migrations


class Migration(migrations.Migration):
    """What a fact estimates is called so, as in the standard."""

    dependencies = [("accounting", "0005_yield_curves_and_provenance")]

    operations = [
        migrations.RemoveConstraint(model_name="measurementfact", name="fact_once"),
        migrations.RenameField(
            model_name="measurementfact", old_name="component", new_name="estimate"
        ),
    ]
