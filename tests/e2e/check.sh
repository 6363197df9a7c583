#!/usr/bin/env bash
# ctest: quick
# Each rule of scripts/check finds its own violation.
exec "$(dirname "${BASH_SOURCE[0]}")/../../scripts/check" --self-test
