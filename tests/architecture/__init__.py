"""Tests that read the repository: arrows between folders, names, comments, the objects that were built."""
