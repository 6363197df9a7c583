#!/usr/bin/env bash
# ctest: quick
# Each rule of scripts/check finds its own violation (a quick test).
exec "$(dirname "${BASH_SOURCE[0]}")/../../scripts/check" --self-test
