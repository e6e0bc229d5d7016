# How both jobs begin: in the clone, with its secrets, one run at a time.
# cron does not know this folder, and finds only the programs of the system.
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
mkdir -p -m 700 "$run" # nobody else may read rows and states

# The lock lasts while this shell has the file open, so it ends even after a crash.
# (macOS has no `flock`, so this uses Python.)
exec 9> "$run/$job.lock"
if ! .venv/bin/python -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2> /dev/null; then
    echo "Another run of $job is still under way; this one ends." >&2
    exit 1
fi
