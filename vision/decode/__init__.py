"""Reading pictures: what is fetched is decoded in processes that may die of it, and only the newest picture counts."""
