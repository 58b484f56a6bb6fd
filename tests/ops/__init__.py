"""Tests of every op, made from one table of rows in ops/cases."""
