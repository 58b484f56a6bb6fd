"""Measurements of speed, size and memory beside other frameworks."""
