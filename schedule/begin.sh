# What both jobs begin with: from the clone, with its secrets, one run at a time.
# cron knows next to nothing: not this folder, and no programs but those of the system.
cd "$(dirname "$0")/.." || exit 1

if [ ! -r backlog.env ]; then
    echo "$PWD/backlog.env is missing; docs/scheduling.md says what is in it." >&2
    exit 1
fi
if [ ! -x .venv/bin/tap-backlog ]; then
    echo "$PWD/.venv is missing; the first run in README.md sets it up." >&2
    exit 1
fi
. ./backlog.env

run=schedule/run
job=$(basename "$0" .sh)
mkdir -p -m 700 "$run" # rows and states are for nobody else

# The lock lives as long as this shell holds the file open, so no crash leaves one behind.
# (macOS has no `flock`, but Python is there.)
exec 9> "$run/$job.lock"
if ! .venv/bin/python -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2> /dev/null; then
    echo "Another run of $job is still under way; this one ends." >&2
    exit 1
fi
