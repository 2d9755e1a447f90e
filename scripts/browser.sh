#!/bin/sh
# Tells which browser the tests can look at reports with. With the word `install` one is installed where there is none
# and Debian's root asks; elsewhere that is left to the user: without one those tests are skipped, but not where $CI is set.
set -eu
names="chromium-headless-shell chromium chromium-browser google-chrome"
found() {
  for name in $names; do command -v "$name" && return; done
  return 1
}
found && exit 0
if [ "${1:-}" = install ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  for name in chromium-headless-shell chromium; do
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $name; } >/dev/null 2>&1 && found && exit 0
  done
fi
echo "no browser to look at reports with (one of: $names)" >&2
