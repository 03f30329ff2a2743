"""Answers as files: CSV, XLSX and Parquet, written piece by piece, each saying zone, unit and flags."""
