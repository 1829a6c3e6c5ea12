"""The train lab: data, boundary, losses, regularisers, and what is wrong with a run."""
