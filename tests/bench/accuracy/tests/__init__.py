"""Unit tests of the accuracy benchmark's analysis, with packets made by hand."""
