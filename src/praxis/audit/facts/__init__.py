"""
What is known of a project: one folder a subject, one file a kind of fact.

A file fact is extracted from one file while its tree is at hand; what needs the whole project
is derived from these by functions of `praxis.audit.project.Project`.
"""
