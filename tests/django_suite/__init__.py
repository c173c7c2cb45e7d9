"""
Django's own tests, run with every model cached, and held against a run without the cache.

    python -m tests.django_suite --vendor postgresql queries aggregation

The tests come from the source distribution of the Django that is installed. `inside/` is what
runs within their process: it changes how a test's data are kept and what is counted, and never
what a test asserts.
"""
