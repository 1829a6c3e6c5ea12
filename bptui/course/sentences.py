"""What is said about each usual mistake: which it is, and what to look at. Never the answer.

In a sentence, {given} is what was typed, {asked} what was asked for, {m} the module where it happened, {x} and {y} its
input and output, {dx} and {dy} their gradients, {W} its weights, {i} the index of the entry that was asked for, {k} the
number of a branch, a sum or a sample, {other} another quantity.
"""

from __future__ import annotations

# where the mistake happened at the very module that makes what was asked for
HERE = {
    "forgot the slope": (
        "{given} is {dy}{i}, unchanged: the slope of {m} is missing. A nudge of {x} passes through {m} before it "
        "reaches {y}. Look at how steep {m} is at {x}{i}."
    ),
    "the output for the slope": (
        "{given} is {dy}{i} times {y}{i}: that is how high {m} is at {x}{i}. You need how steep it is there, {m}′."
    ),
    "W for its transpose": (
        "{given} is row {k} of {W} times {dy}: that is {W}·{dy}, not {W}ᵀ·{dy}. Row {k} says what {y}[{k}] "
        "receives. You need what {x}[{k}] sends: column {k}."
    ),
    "W for its transpose, whole": (
        "{given} is {W}·{dy}, not {W}ᵀ·{dy}. Rows of {W} say what each {y} receives. You need what each {x} sends: "
        "its column."
    ),
    "forgot the weights": (
        "{given} is the plain sum of {dy}. Each entry of {y} moves by its own weight times the nudge. Look at the "
        "weight on each way before you add."
    ),
    "forgot the input": (
        "{given} comes out without {x}. A nudge of a weight is multiplied by the input that it weighs: look at {x}."
    ),
    "one sum only": (
        "{given} is what comes back through {y}[{k}] alone. {x}{i} feeds other sums too. Look for every wire that "
        "leaves it, and add what they bring."
    ),
    "one branch only": (
        "{given} is what comes back from copy {k} alone. {x} was duplicated. A nudge of it moves every copy: look for "
        "the others."
    ),
    "the other side of the max": (
        "{given} belongs to the other input of {m}. A max is a switch: look at which of its inputs is the larger "
        "one, and where the gradient goes."
    ),
    "both sides of the max": (
        "{given} is {dy}{i}, passed straight on. {m} lets the gradient through to the winner alone. Look at which "
        "input is the larger one."
    ),
    "its own factor": (
        "{given} is {dy}{i} times {x}{i} itself. In a product, each factor's slope is the other factor. Look at what "
        "stands beside {x}."
    ),
    "shared among the addends": (
        "{given} is a share of {dy}{i}. A sum does not divide the gradient: a nudge of one addend moves the sum by "
        "just as much."
    ),
    "forgot the mean": (
        "{given} comes out if the costs of the batch are summed. {m} divides by their number. Look at the first "
        "module on the way back."
    ),
    "the sum's gradient": (
        "{given} is the gradient of the sum. The loss is a mean: {m} multiplies by a constant, backwards too."
    ),
    "forgot the mask": (
        "{given} comes out if {m} lets the whole gradient through. What it dropped on the way forward moves nothing: "
        "look at {y}."
    ),
    "forgot 1/(1 − p)": (
        "{given} comes out with the mask alone. What was not dropped was scaled on the way forward, and a nudge is "
        "scaled alike: look at {y} beside {x}."
    ),
    "forgot the 2": (
        "{given} comes out without the 2 of the square. The slope of u² is 2u. Look at what {m} sends back."
    ),
    "α for 2α": (
        "{given} comes out with α times the weight. The penalty is α‖w‖², and the slope of w² is 2w: look at the "
        "factor before α."
    ),
    "forgot the sign": (
        "{given} comes out with α for every weight. The slope of |w| is 1 on the right of 0 and −1 on the left: look "
        "at the signs of the weights."
    ),
    "the weight for its sign": (
        "{given} comes out with α times the weight, as if the penalty were a square. The slope of |w| is 1 or −1, "
        "however large w is."
    ),
    "wrong sign": "{given} has the right size and the wrong sign. Go through the signs of its factors one by one.",
    "value for the gradient": (
        "{given} is the value of {other}, from the forward pass. Asked is {asked}: how much the loss moves for a "
        "nudge of it."
    ),
    "gradient for the value": "{given} is {other}, from the backward pass. Asked is the value, from the forward pass.",
    "another entry": "{given} is {other}. Asked is {asked}: count entries from 0.",
    "another order": "{given} has the right numbers in another order. The first one belongs to entry 0.",
    "another nudge": "{given} is how far it moves when {other} is nudged. Look at which entry is.",
    "rows and columns exchanged": (
        "{given} is {other}: rows and columns are exchanged. The first index is the output's, the second the input's."
    ),
    "forgot the bias": "{given} is what comes out of the weights alone. {m} adds a bias to each sum.",
    "columns for rows": (
        "{given} goes down a column of {W}. Forwards, each sum reads its own row: look at row {k} of {W}."
    ),
    "columns for rows, whole": (
        "{given} goes along row {k} of {W}: that is what {y}[{k}] alone receives. A nudge of {x}[{k}] goes out to "
        "every sum: look down column {k}."
    ),
    "before the function": "{given} is {x}{i}, which goes into {m}. Asked is what comes out of it.",
    "the smaller one": "{given} is the smaller input of {m}. A max lets the larger one through.",
    "forgot the rate": (
        "{given} takes the whole gradient as the step. The learning rate η scales it first: look at η."
    ),
    "uphill": "{given} goes up the slope. The gradient points uphill; look at the sign in w ← w − η·∂C/∂w.",
    "the step alone": "{given} is the step. Asked is the parameter after it: where does the step start?",
    "stopped at 0": (
        "{given} is where it would be if the step ended at 0. It does not: a step is η times the gradient, however "
        "near 0 is."
    ),
    "plain descent": (
        "{given} is where plain gradient descent would go. Here the optimiser is {optimiser}: look at what it makes of "
        "the gradient."
    ),
    "not moved": "{given} is the parameter before the update. Look at the step that it takes.",
    "the nudge itself": (
        "{given} is the nudge that went in. On the way it is multiplied: look at the modules it passes through."
    ),
    "the new value": "{given} is where it arrives. Asked is how far it moves: compare with where it was.",
    "the slope for the move": "{given} is how much it moves for each unit of the nudge. Look at the size of the nudge.",
    "the height for the slope": "{given} is how high {m} is there. You need how steep it is: {m}′.",
    "a batch axis": "{given} counts the samples of the batch too. Shapes are given for one sample.",
    "shape turned": "{given} has rows and columns exchanged. Rows belong to the output, columns to the input.",
}

# where it happened at a module further on
ON_THE_WAY = {
    "forgot the slope": (
        "{given} comes out if the slope of {m} is left out on the way back. Between {dy} and {dx} stands {m}′: look "
        "at how steep {m} is at {x}."
    ),
    "the output for the slope": (
        "{given} comes out with {m}({x}) in the place of {m}′({x}) on the way back. How high a curve is, is not how "
        "steep it is."
    ),
    "W for its transpose": (
        "{given} comes out with {W} in the place of {W}ᵀ at {m}. Backwards, {x}[j] collects down column j of {W}."
    ),
    "forgot the weights": "{given} comes out if {m} passes {dy} on without its weights. Look at {dx} = {W}ᵀ·{dy}.",
    "one sum only": "{given} comes out if only {y}[{k}] sends something back through {m}. Add what every sum sends.",
    "one branch only": "{given} comes out with copy {k} of {x} alone. Both ways lead to the loss: add what they bring.",
    "the other side of the max": "{given} comes out if {m} sends the gradient to the loser. Look at the larger input.",
    "both sides of the max": "{given} comes out if {m} sends the gradient to both inputs. Only the winner gets it.",
    "its own factor": "{given} comes out if {m} takes each input's own value for its slope. It is the other's.",
    "shared among the addends": "{given} comes out if {m} divides the gradient among its inputs. Each gets all of it.",
}

SAME_NUMBER = "{count} mistakes give {given} here."
