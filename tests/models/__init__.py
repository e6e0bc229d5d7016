"""The models of dbt/: their numbers, on each database and shape."""
