"""Events: drafts, editing, the programme, series, links and pictures."""
