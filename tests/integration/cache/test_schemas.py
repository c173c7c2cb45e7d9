"""The tables themselves change under what is cached."""

import pytest
from django.db import models, transaction

from tests.integration.cache.points import elsewhere, warm


def test_a_table_that_takes_the_name_of_another_is_another(library, connection):
    def notes():
        return library.Note.objects.count()

    assert warm(connection, notes) == 1
    with connection.schema_editor() as editor:
        editor.alter_db_table(library.Note, "library_note", "library_note_old")
        editor.execute("CREATE TABLE library_note AS SELECT * FROM library_note_old WHERE 1 = 0")
    try:
        assert elsewhere(notes) == warm(connection, notes) == 0
    finally:
        with connection.schema_editor() as editor:
            editor.execute("DROP TABLE library_note")
            editor.alter_db_table(library.Note, "library_note_old", "library_note")
    assert elsewhere(notes) == notes() == 1


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("is_atomic", [True, False])
def test_a_column_whose_type_changes_tells_other_values(library, connection, is_atomic):
    def names():
        return sorted(library.Tag.objects.values_list("name", flat=True))

    warm(connection, names)
    with connection.schema_editor(atomic=is_atomic) as editor:
        editor.execute("ALTER TABLE library_tag ALTER COLUMN name TYPE text USING upper(name)")
    assert elsewhere(names) == names() == ["NEW", "ODD", "OLD"]
    with connection.schema_editor() as editor:
        editor.execute("ALTER TABLE library_tag ALTER COLUMN name TYPE varchar(50)")
    assert names() == ["NEW", "ODD", "OLD"]


def test_a_migration_of_data_is_told_of(library, connection):
    from django.apps import apps
    from django.db.migrations import AddField, RemoveField, RunPython, RunSQL
    from django.db.migrations.state import ProjectState

    def names():
        return sorted(library.Country.objects.values_list("name", flat=True))

    def rename(registry, editor):
        country = registry.get_model("library", "Country")
        country.objects.using(editor.connection.alias).filter(name="Chile").update(name="Peru")

    warm(connection, names)
    state = ProjectState.from_apps(apps)
    operations = [
        AddField("country", "size", models.IntegerField(default=1)),
        RunPython(rename),
        RunSQL("UPDATE library_country SET name = 'Oman' WHERE name = 'Norway'"),
        RemoveField("country", "size"),
    ]
    for operation in operations:
        after = state.clone()
        operation.state_forwards("library", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("library", editor, state, after)
        state = after
    assert elsewhere(names) == names() == ["Oman", "Peru"]


@pytest.mark.only("postgresql")
def test_an_index_or_a_vacuum_changes_no_result(library, connection):
    def names():
        return sorted(library.Tag.objects.values_list("name", flat=True))

    before = warm(connection, names)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX CONCURRENTLY tag_name ON library_tag (name)")
        cursor.execute("VACUUM ANALYZE library_tag")
        cursor.execute("DROP INDEX CONCURRENTLY tag_name")
    assert names() == before
    with transaction.atomic():
        assert names() == before
