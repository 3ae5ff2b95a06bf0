"""What differs between two versions: files, renames, lines. Standard library only."""
