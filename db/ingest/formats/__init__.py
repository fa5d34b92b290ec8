"""Readers, one for each format: a file into a work as it declares itself, text untouched."""
