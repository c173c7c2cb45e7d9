from django.db import migrations

from reviews.models import Review


def hide_empty(apps, schema_editor):
    Review.objects.filter(title="", body="").update(is_approved=False)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [migrations.RunPython(hide_empty)]
