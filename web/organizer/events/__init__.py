"""The events of an organization: their list, and the editor."""
