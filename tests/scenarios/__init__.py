"""Scenarios: small programs that are played with lampas and with PyTorch, whose results must be the same.

`lists` has them all, `playing` plays one; each other file holds those of one part.
"""
