"""What a run will cost, shown before it begins."""
