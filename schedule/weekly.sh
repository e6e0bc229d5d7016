#!/bin/sh
# Write whole files for Excel into output/, without a state. If reading fails, the old files stay.
set -eu
. "$(dirname "$0")/begin.sh"

.venv/bin/tap-backlog --config sample_config.json --config ENV > "$run/$job.jsonl"
TARGET_CSV_LOGLEVEL=WARNING .venv/bin/target-csv --config sample_target_csv.json < "$run/$job.jsonl" > /dev/null
rm "$run/$job.jsonl"
