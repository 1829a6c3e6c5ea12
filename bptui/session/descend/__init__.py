"""The descend lab: loss surfaces, races over them, and single updates taken apart."""
