"""Becomes another program that does not outlive its parent. Run by path, so that it loads nothing of ours.

    child.py SIGNAL PARENT USER:GROUP COMMAND...

SIGNAL is what the program gets when PARENT dies; USER:GROUP are numbers, or empty to stay who one is.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(signal: int, parent: int, user: str, command: list[str]) -> None:
    """Change the user, ask for the parent's death to be told, and become the command."""
    if user:
        uid, gid = (int(number) for number in user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # Only now: a change of user clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
