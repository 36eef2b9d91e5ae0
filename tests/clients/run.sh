#!/usr/bin/env bash
# Runs clients that others wrote against the sandbox at SANDBOX_URL (aisha sandbox, or the all-in-one with
# no other bot on it), and boto3 against our storage on the servers of AISHA_TEST_S3 and AISHA_TEST_RADOSGW with the
# program AISHA_BINARY. A line per check, then `N passed, N failed`. Names of programs as arguments choose,
# as in: run.sh aiogram fal
set -euo pipefail

if [ -z "${SANDBOX_URL:-}" ]; then
    echo "SANDBOX_URL is not set: start \`aisha sandbox --bind 127.0.0.1:8123\` and say SANDBOX_URL=http://127.0.0.1:8123" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
. "$here/prepare.sh"
aisha_prepare
exec "$AISHA_PYTHON" "$here/run.py" "$@"
