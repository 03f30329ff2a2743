"""History in files of other people's making: CSV and Parquet, long and wide, read in columns, every bad row named."""
