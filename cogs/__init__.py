"""What Discord sees: one file per command group; what they share is private (`_name.py`)."""
