"""What the tap costs, compared with other programs in the same run."""
