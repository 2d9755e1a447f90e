#!/bin/sh
# Makes .venv from requirements.lock, or does nothing when it is up to date. With the word `clusters` it takes
# requirements-clusters.lock, which adds Dask and Ray: the tests need them. What is there is not taken away again.
# Needs Python 3.12 or 3.13 somewhere (or a network from which uv may fetch one); uv itself is fetched when absent.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # else every start would compile every package again
stamp=.venv/.stamp
sum=$(cat requirements.lock requirements-clusters.lock pyproject.toml scripts/bootstrap.sh .python-version | cksum)
lock=requirements${1:+-$1}.lock
have=$(cat $stamp 2>/dev/null || true)
case $have in *-clusters.lock) lock=requirements-clusters.lock ;; esac
want="$sum $lock"
[ -x .venv/bin/trader ] && [ "$have" = "$want" ] && exit 0

UV=$(command -v uv || true)
if [ -z "$UV" ] && [ -x .tools/bin/uv ]; then UV=.tools/bin/uv; fi
if [ -z "$UV" ]; then
  for py in python3 /usr/bin/python3 python python3.12 python3.13; do # a pyenv shim may fail under .python-version
    "$py" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || continue
    { "$py" -m venv .tools && .tools/bin/python -m pip install -q --disable-pip-version-check 'uv>=0.13,<0.14'; } ||
      { rm -rf .tools; "$py" -m pip install -q --disable-pip-version-check --target .tools 'uv>=0.13,<0.14'; } || continue
    UV=.tools/bin/uv
    break
  done
fi
[ -n "$UV" ] && [ -x "$UV" ] || { echo "trader needs uv to set itself up: see 'Two commands' in the README" >&2; exit 1; }

supported='import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 14))'
if ! { [ -x .venv/bin/python ] && .venv/bin/python -c "$supported"; }; then
  "$UV" venv -q --clear .venv 2>.tools-uv.log ||
    "$UV" venv -q --clear --python '>=3.12,<3.14' .venv 2>>.tools-uv.log || {
    cat .tools-uv.log >&2
    rm -f .tools-uv.log
    echo "trader needs Python 3.12 or 3.13; uv could neither find nor download one" >&2
    exit 1
  }
  rm -f .tools-uv.log
fi
"$UV" pip sync -q --require-hashes --python .venv/bin/python "$lock"
"$UV" pip install -q --no-deps --python .venv/bin/python -e .
echo "$want" >$stamp
