"""What `?` says in the descend lab."""

from __future__ import annotations

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": (
        "Descend",
        (
            "The loss as a landscape over the parameters, dark where it is low; the edge of a band is a contour. All "
            "racers begin at one start. Full batch looks at every sample for one step; a minibatch, or a single "
            "sample, takes a rougher step for a fraction of the price. Counted by gradient evaluations, that is what "
            "the race is about; u counts updates instead.",
            "This step shows the chosen racer's samples and what each of them pulls for, their mean, and the step "
            "taken. Enter opens that very training step in the workbench, node by node.",
            "Above η = 2/λmax plain descent on a quadratic surface leaves the valley, farther with every step.",
        ),
    ),
    "knobs": (
        "Knobs",
        (
            "A racer is an optimiser with a learning rate, a batch size and a schedule; turn one and it runs anew "
            "from the start. Enter types any of its settings, such as momentum=0.5 or lr=0.03.",
            "Where a net has more than two parameters, the surface is a slice through the chosen racer's point, along "
            "two random directions (each row as long as the row of the weights that it is added to), or along two "
            "weights. All parameters move; paths are drawn by projection.",
        ),
    ),
    "point": (
        "Orthogonality",
        (
            "The contour through the point is traced on loss values alone. Its tangent is the chord between the two "
            "places on a small circle where the loss is the same; the gradient comes from backward. Their dot product "
            "is 0, and the angle right, up to the chord's size.",
            "A step −η·g goes along the gradient, at right angles to the contour. Give η two rates, along a direction "
            "and across it, and it becomes a matrix: the step turns, and is no longer orthogonal. To first order the "
            "loss changes by −gᵀηg, which is never above 0; what it really does stands below.",
        ),
    ),
}
