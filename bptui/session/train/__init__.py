"""A run that is watched: trained by a worker, measured, diagnosed, compared."""
