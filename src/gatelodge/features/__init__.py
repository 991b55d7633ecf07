"""The slices: each owns its rules, its tables and its use-cases.

Inside a slice the file names never vary: `rules` (values and pure functions), `store`
(all SQL on the slice's tables), `actions` (the use-cases), `api` (which operation runs
which action, and who may call it).
"""
