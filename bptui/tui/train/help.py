"""What `?` says in the train lab."""

from __future__ import annotations

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": (
        "Train",
        (
            "A net learns to tell classes apart, or to follow a curve. The map shows what it says for every input; "
            "dark seams are where it is in doubt. Filled markers are training samples, hollow ones are held out for "
            "validation, a white cross is a sample that it gets wrong.",
            "Everything can be taken back: scrub to any epoch, and open that very training step in the workbench to "
            "see where its gradients come from. The doctor names what is wrong with a run, and since when.",
        ),
    ),
    "rates": (
        "Regularisers",
        (
            "Each one is switched on and off at any moment of a run, with a rate. L2 adds α‖w‖² to the loss and pulls "
            "every weight towards 0 in proportion to its size. L1 adds α Σ|w| and pulls all alike; with the proximal "
            "optimiser weights reach exactly 0. Dropout switches hidden units off at random, anew for each sample. "
            "Early stopping pauses a run when the validation loss has not come down for some epochs.",
            "To start with α = 0 and switch the penalty on later is not the same as having it from the start: press c "
            "and type start to see both.",
        ),
    ),
    "knobs": (
        "Knobs",
        (
            "All that decides the run. A knob that decides how it begins (the data, the init, the seed) starts it "
            "anew; any other goes on from here. Every edit is a branch: u takes it back.",
            "To see what one knob does, press c and change it beside this run: both draw the same random numbers.",
        ),
    ),
}
