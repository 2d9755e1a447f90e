#!/bin/sh
# Makes the peers' own environment (their pins clash with ours) where they take part, then measures. Arguments: groups to
# measure; all.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # every program below runs from compiled bytecode, as on a user's machine
UV=$(command -v uv || echo .tools/bin/uv)
peers=bench/.peers
want=$(cksum <bench/peers.txt)
case " ${*:-w1} " in *" w1 "* | *" w2 "*) need_peers=1 ;; *) need_peers= ;; esac
if [ "$need_peers" ] && [ "$(cat $peers/.stamp 2>/dev/null || true)" != "$want" ]; then
  echo "setting up the peers in $peers ..." >&2
  "$UV" venv -q --clear --python .venv/bin/python $peers
  "$UV" pip sync -q --python $peers/bin/python bench/peers.txt
  echo "$want" >$peers/.stamp
fi
exec .venv/bin/python -m bench "$@"
