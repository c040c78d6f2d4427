#!/usr/bin/env bash
# Checks the shell scripts of the checkout; those of the machine have a check of their own.
set -euo pipefail
cd "$(dirname "$0")/../.."
mapfile -t files < <(
    find .ci scripts tests -type f \( -name '*.sh' -o -path '.ci/run' -o -path '*/bin/*' \) | sort
)
shellcheck --severity=style "${files[@]}"
shfmt -d -i 4 -ci "${files[@]}"
