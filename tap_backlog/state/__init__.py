"""What the state says besides bookmarks: which space, which projects."""
