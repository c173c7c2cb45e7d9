"""
Mending a project: which edits go together, how they reach the disk, and the way back.

`planning` works on texts alone, round after round, until nothing more can be applied; `writing`
and `journal` bring the result to the disk so that a crash loses nothing; `verification` asks the
user's own tests which of it may stay; `mending` runs them in turn.
"""
