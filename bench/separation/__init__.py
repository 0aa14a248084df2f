"""Separator sheets as they come from a scanner, and letters that must not be taken for one."""
