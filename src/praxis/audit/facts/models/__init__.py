"""The models of a project: classes, fields, relations, managers, tables and indexes."""
