"""`turnout doctor`: examines an installation; each fault is a line with what is wrong and what to do about it.

`checks.py` has the table of all checks. A check is a function of an `Installation` that yields its faults.
"""
