"""Runs the command it is given, output thrown away, and tells its exit code, CPU seconds, and most bytes in memory.

A process counts as its own what the one that started it had in memory. So a program that keeps little starts it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys


def main() -> None:
    """The command is this program's arguments; what is told is a line of JSON."""
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps([process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]))


if __name__ == "__main__":
    main()
