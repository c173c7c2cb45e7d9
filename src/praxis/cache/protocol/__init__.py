"""
What a reader and a writer say to Redis, and what they make of the answers; no I/O.

Every rule on which the promise rests is in this folder: the scripts, which Redis runs one at a
time, and the functions that make their arguments and read their answers.
"""
