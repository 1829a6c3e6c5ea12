"""Pictures as cells: block diagrams, matrices, bars. No Textual here; colours are named by their role."""
