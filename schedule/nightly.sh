#!/bin/sh
# Load what has changed since the last run, with a loader that updates rows by key.
set -eu
. "$(dirname "$0")/begin.sh"

loader=${LOADER:-loader/bin/target-duckdb}
for file in "$loader" loader.json; do
    if [ ! -r "$file" ]; then
        echo "$file is missing in $PWD; docs/scheduling.md says how to set it up." >&2
        exit 1
    fi
done

state=$run/state.json
if [ -s "$state" ]; then
    set -- --state "$state"
else
    set --
fi

# If reading fails in the middle, the rows that came are loaded anyway: the messages end with
# a state that fits these rows, and the next run continues from there.
failed=0
.venv/bin/tap-backlog --config ENV "$@" > "$run/$job.jsonl" || failed=$?

# The state is kept only if the loader has taken everything, and in one step.
"$loader" --config loader.json < "$run/$job.jsonl" > "$run/states.jsonl"
tail -n 1 "$run/states.jsonl" > "$state.new"
if [ -s "$state.new" ]; then
    mv "$state.new" "$state"
fi
exit "$failed"
