"""The doors of an event: passes, phones, rules, conflicts, and scans by file or on paper."""
