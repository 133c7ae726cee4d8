"""Cleanup: tasks that ended long ago are removed, or archived and then removed."""
