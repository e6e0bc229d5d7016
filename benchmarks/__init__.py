"""What the tap costs, as ratios against others in the same run."""
