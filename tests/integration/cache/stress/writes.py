"""How each kind of version is written."""

from django.db import connection, transaction

#: What is written and rolled back again: nobody may ever see it.
NEVER = 1_000_000_000


class _RolledBackError(Exception):
    pass


class Writes:
    """
    The ways to write; a method for each of `KINDS`.

    Args:
        m: The models.
        number: Of the writer, whose rows these are: titles name them.
    """

    def __init__(self, m, number):
        self.m, self.number = m, number

    def _mine(self, kind):
        return self.m.Book.objects.filter(title=f"{kind}-{self.number}")

    def save(self, version):
        book = self._mine("save").get()
        book.pages = version
        book.save()

    def atomic(self, version):
        with transaction.atomic():
            self._mine("atomic").update(pages=version)
            self.m.Author.objects.filter(name=f"atomic-{self.number}").get()
            self._mine("atomic").get()

    def update(self, version):
        self._mine("update").update(pages=version)

    def raw(self, version):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE library_book SET pages = %s WHERE title = %s",
                [version, f"raw-{self.number}"],
            )

    def rollback(self, version):
        """Twice what is rolled back, once as a whole and once to a savepoint."""
        for outer in (None, version):
            try:
                with transaction.atomic():
                    if outer is not None:
                        self._mine("rollback").update(pages=outer)
                    self._never_written()
                    if outer is None:
                        raise _RolledBackError
            except _RolledBackError:
                continue

    def _never_written(self):
        try:
            with transaction.atomic():
                self._mine("rollback").update(pages=NEVER)
                self._mine("rollback").get()
                raise _RolledBackError
        except _RolledBackError:
            return

    def lock(self, version):
        with transaction.atomic():
            book = self._mine("lock").select_for_update().get()
            book.pages = version
            book.save(update_fields=["pages"])

    def replace(self, version):
        with transaction.atomic():
            author = self._mine("replace").get().author_id
            self._mine("replace").delete()
            self.m.Book.objects.create(
                title=f"replace-{self.number}", author_id=author, pages=version
            )

    def move(self, version):
        author = self.m.Author.objects.get(name=f"move-{version % 2}")
        self._mine("move").update(pages=version, author=author)

    def list(self, version):
        self._mine("list").update(pages=version)

    def kept(self, version):
        self._mine("kept").update(pages=version)

    def function(self, version):
        self._mine("function").update(pages=version)

    def view(self, version):
        self._mine("view").update(pages=version)

    def join(self, version):
        self.m.Country.objects.filter(pk=self.number + 1).update(name=str(version))

    def tags(self, version):
        with transaction.atomic():
            book = self._mine("tags").get()
            tag = self.m.Tag.objects.create(name=f"tags-{self.number}-{version}")
            book.tags.set([tag])
            old = self.m.Tag.objects.filter(name__startswith=f"tags-{self.number}-")
            old.exclude(pk=tag.pk).delete()

    def count(self, version):
        # what was not acknowledged may have been written all the same
        mine = self.m.Tag.objects.filter(name=f"count-{self.number}")
        self.m.Tag.objects.bulk_create(
            self.m.Tag(name=f"count-{self.number}") for _ in range(version - mine.count())
        )
