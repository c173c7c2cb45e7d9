"""
A query's outline: everything that its SQL depends on, except the values it compares with.

Django compiles a query anew each time, which takes longer than to answer it from Redis. Two
queries of one outline compile to one text, so that of the second one only the values are needed.
What is not known for certain to be as this folder says has no outline, and is compiled.
"""
