"""HTML by audience: public, registration, account, health, organizer. Views are thin: parse, call one operation or
query, answer.
"""
