"""Requests to addresses that somebody else wrote down: checked, pinned, and limited."""
