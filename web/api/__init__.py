"""JSON for programs; the scanner is the only one."""
