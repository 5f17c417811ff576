"""Replaces this process by a program that does not outlive its parent. Run by path, so that it loads nothing of ours.

    child.py SIGNAL PARENT USER:GROUP COMMAND...

The program gets SIGNAL when PARENT dies; USER:GROUP are numbers, or empty to keep the present user.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def become(signal: int, parent: int, user: str, command: list[str]) -> None:
    """Change the user, request the signal at the parent's death, and become the command."""
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
