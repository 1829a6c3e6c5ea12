"""Measurements are no tests: pytest leaves this folder alone."""

collect_ignore_glob = ["*"]
