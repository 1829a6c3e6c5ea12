"""One learner in one experiment: everything that decides a run, and travel through its time."""
