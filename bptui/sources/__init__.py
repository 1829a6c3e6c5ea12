"""What comes in and goes out: presets now, PyTorch source and receipts beside them."""
