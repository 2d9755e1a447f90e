#!/bin/sh
# Sees to it that there is a browser in which the tests can look at reports, and tells its name. Debian's root gets one
# installed; elsewhere it is the user's to install one: without it those tests are skipped, but never where $CI is set.
set -eu
names="chromium-headless-shell chromium chromium-browser google-chrome"
found() {
  for name in $names; do command -v "$name" 2>/dev/null && return; done
  return 1
}
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  for name in chromium-headless-shell chromium; do
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $name; } >/dev/null 2>&1 && found && exit 0
  done
fi
echo "no browser (one of: $names): reports are not looked at" >&2
