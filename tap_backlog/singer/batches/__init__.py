"""Batches: rows in files that BATCH messages name, instead of rows in messages.

Rows come here in the same form as for stdout. So selection, stream maps and flattening
apply to files too.
"""
