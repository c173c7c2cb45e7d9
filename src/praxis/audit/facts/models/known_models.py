"""What is known by name of Django and of widespread packages: bases, fields, managers, models."""

from dataclasses import dataclass

from praxis.audit.facts.models.classes import ClassFact, Declared

#: Bases that make a class a model.
MODEL_BASES = frozenset({"Model"})


@dataclass(frozen=True, slots=True)
class KnownBase:
    """
    A model base of a package.

    *saves* is true where its ``save()`` does more than Django's; *opaque* where its rows or
    attributes do not behave as Django's.
    """

    saves: bool = False
    opaque: bool = False
    abstract: bool = True


#: By the last part of the name: packages move classes between modules.
KNOWN_BASES: dict[str, KnownBase] = {
    "AbstractUser": KnownBase(),
    "AbstractBaseUser": KnownBase(),
    "PermissionsMixin": KnownBase(),
    "TimeStampedModel": KnownBase(),
    "TimeFramedModel": KnownBase(),
    "StatusModel": KnownBase(),
    "SoftDeletableModel": KnownBase(),
    "UUIDModel": KnownBase(),
    "ActivatorModel": KnownBase(saves=True),
    "TitleDescriptionModel": KnownBase(),
    "TitleSlugDescriptionModel": KnownBase(),
    "MPTTModel": KnownBase(saves=True),
    "TreeNodeModel": KnownBase(saves=True),
    "MP_Node": KnownBase(saves=True),
    "NS_Node": KnownBase(saves=True),
    "AL_Node": KnownBase(saves=True),
    "Orderable": KnownBase(saves=True),
    "PolymorphicModel": KnownBase(saves=True, opaque=True),
    "PolymorphicMPTTModel": KnownBase(saves=True, opaque=True),
    "SharedMemoryModel": KnownBase(saves=True, opaque=True),  # idmapper keeps rows in memory
    "TranslatableModel": KnownBase(saves=True),
    "ClusterableModel": KnownBase(saves=True),
    "CMSPlugin": KnownBase(saves=True, abstract=False),
    "LifecycleModel": KnownBase(saves=True),
    "DirtyFieldsMixin": KnownBase(saves=True),
}

#: Fields whose receivers write a version of the row, or a line of a log, at each save.
HISTORY_FIELDS = ("AuditlogHistoryField", "AuditLog", "FieldHistoryTracker", "HistoricalRecords")
FORWARD_FIELDS = frozenset({
    "ForeignKey", "TreeForeignKey", "ParentalKey", "FilerFileField", "FilerImageField",
    "PageField", "PlaceholderField",
})  # fmt: skip
ONE_TO_ONE_FIELDS = frozenset({"OneToOneField", "AutoOneToOneField", "TreeOneToOneField"})
MANY_FIELDS = frozenset({
    "ManyToManyField", "ParentalManyToManyField", "SortedManyToManyField", "TreeManyToManyField",
})  # fmt: skip
#: Fields of packages that point at a model of their own.
FIXED_TARGETS = {
    "FilerFileField": "filer.File",
    "FilerImageField": "filer.Image",
    "PageField": "cms.Page",
    "PlaceholderField": "cms.Placeholder",
}

#: Django's own fields whose value Django sets by itself when a row is saved.
DJANGO_FIELDS = frozenset({
    "AutoField", "BigAutoField", "BigIntegerField", "BinaryField", "BooleanField", "CharField",
    "CommaSeparatedIntegerField", "DateField", "DateTimeField", "DecimalField", "DurationField",
    "EmailField", "FileField", "FilePathField", "FloatField", "GenericIPAddressField",
    "IPAddressField", "ImageField", "IntegerField", "JSONField", "NullBooleanField",
    "PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField", "SlugField",
    "SmallAutoField", "SmallIntegerField", "TextField", "TimeField", "URLField", "UUIDField",
    "ArrayField", "HStoreField", "IntegerRangeField", "BigIntegerRangeField", "DateRangeField",
    "DateTimeRangeField", "DecimalRangeField", "SearchVectorField", "CITextField",
    "PointField", "PolygonField", "MultiPolygonField", "GeometryField", "LineStringField",
})  # fmt: skip

#: Fields whose values cannot be changed in place: only an assignment changes the row.
IMMUTABLE_FIELDS = DJANGO_FIELDS - {
    "ArrayField", "BinaryField", "FileField", "GeometryField", "HStoreField", "ImageField",
    "JSONField", "LineStringField", "MultiPolygonField", "PointField", "PolygonField",
}  # fmt: skip

_M = "django.db.models."
_USER_FIELDS = (
    Declared("username", f"{_M}CharField"),
    Declared("first_name", f"{_M}CharField"),
    Declared("last_name", f"{_M}CharField"),
    Declared("email", f"{_M}EmailField"),
    Declared("is_staff", f"{_M}BooleanField"),
    Declared("is_active", f"{_M}BooleanField"),
    Declared("date_joined", f"{_M}DateTimeField"),
)
_BASE_USER_FIELDS = (
    Declared("password", f"{_M}CharField"),
    Declared("last_login", f"{_M}DateTimeField", options={"null": True}),
)
_PERMISSION_FIELDS = (
    Declared("is_superuser", f"{_M}BooleanField"),
    Declared(
        "groups",
        f"{_M}ManyToManyField",
        "auth.Group",
        options={"related_name": "user_set", "related_query_name": "user"},
    ),
    Declared(
        "user_permissions",
        f"{_M}ManyToManyField",
        "auth.Permission",
        options={"related_name": "user_set", "related_query_name": "user"},
    ),
)

#: The fields that a known base brings along.
BASE_FIELDS: dict[str, tuple[Declared, ...]] = {
    "AbstractUser": _USER_FIELDS + _BASE_USER_FIELDS + _PERMISSION_FIELDS,
    "AbstractBaseUser": _BASE_USER_FIELDS,
    "PermissionsMixin": _PERMISSION_FIELDS,
    "TimeStampedModel": (
        Declared("created", f"{_M}DateTimeField", options={"auto_now_add": True}),
        Declared("modified", f"{_M}DateTimeField", options={"auto_now": True}),
    ),
}

_CONCRETE = ("django.db.models.Model",)
#: Models of Django's own applications: application label to classes.
DJANGO_MODELS: dict[str, tuple[ClassFact, ...]] = {
    "auth": (
        ClassFact(
            "Permission",
            _CONCRETE,
            (
                Declared("name", f"{_M}CharField"),
                Declared("codename", f"{_M}CharField"),
                Declared("content_type", f"{_M}ForeignKey", "contenttypes.ContentType"),
            ),
        ),
        ClassFact(
            "Group",
            _CONCRETE,
            (
                Declared("name", f"{_M}CharField"),
                Declared("permissions", f"{_M}ManyToManyField", "auth.Permission"),
            ),
        ),
        ClassFact("User", ("django.contrib.auth.models.AbstractUser",)),
    ),
    "contenttypes": (
        ClassFact(
            "ContentType",
            _CONCRETE,
            (Declared("app_label", f"{_M}CharField"), Declared("model", f"{_M}CharField")),
        ),
    ),
    "sites": (
        ClassFact(
            "Site",
            _CONCRETE,
            (Declared("domain", f"{_M}CharField"), Declared("name", f"{_M}CharField")),
        ),
    ),
}
#: Where they live; `Site` and `ContentType` have managers that keep rows in memory.
DJANGO_MODULES = {
    "auth": "django.contrib.auth.models",
    "contenttypes": "django.contrib.contenttypes.models",
    "sites": "django.contrib.sites.models",
}
