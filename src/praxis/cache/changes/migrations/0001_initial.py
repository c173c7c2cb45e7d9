"""The table of words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes it."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table_name", models.TextField()),
                ("conditions", models.TextField(null=True)),
                ("hold_ms", models.IntegerField(null=True)),
                ("made_at", models.DateTimeField()),
            ],
            options={"db_table": "praxis_cache_change"},
        ),
    )
