"""A lesson on the screen: its text and its questions beside the workbench or a lab."""
