"""Django's own tests of sessions, from its source distribution, on this engine."""

import importlib
import os
import sys
import unittest
from unittest import mock

import django
import pytest
from django.apps import apps
from django.conf import settings  # noqa: TID251 - an app of Django's tests is added to them
from django.test import SimpleTestCase

from praxis.sessions import SessionStore
from tests.django_suite.source import SourceUnavailableError, fetch

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def mixin():
    try:
        folder = fetch(django.__version__)
    except SourceUnavailableError as error:
        if os.environ.get("PRAXIS_CI"):
            raise
        pytest.skip(str(error))
    with mock.patch.object(sys, "path", [str(folder), *sys.path]):
        apps.set_installed_apps([*settings.INSTALLED_APPS, "sessions_tests"])
        try:
            yield importlib.import_module("sessions_tests.tests").SessionTestsMixin
        finally:
            apps.unset_installed_apps()


def test_django_finds_nothing_to_say_against_it(configured, mixin):
    class Tests(mixin, SimpleTestCase):
        backend = SessionStore

    names = [name for name in dir(Tests) if name.startswith("test_")]
    assert len(names) > 40
    failed = []
    for name in names:
        result = unittest.TestResult()
        Tests(name)(result)  # as a call, which waits for those that are coroutine functions
        failed += [f"{name}: {told}" for _, told in [*result.failures, *result.errors]]
    assert failed == []
