"""
The auditor as a language server: findings in the editor, as the code is typed.

`project` audits with the texts that are not saved yet, `schedule` decides when, `protocol` says
it in the protocol's words as plain values; `pygls_server` alone talks to the editor.
"""
