"""Lessons: files that are read, played, graded. No Textual, no screen: a player shows what this room finds out.

A lesson is one Markdown file. `document` splits it into front matter, steps and fences; `format` reads those into a
`lesson` by way of `table`, which knows TOML with a closed vocabulary and collects every `Problem` of a file.

A step stands on a `stage`, which opens a `Session` at one place (`place`). What is asked there is a `quantity`, by
name; its value is looked up in the session and never typed. `prose` puts quantities into text. `answer` reads what a
learner typed, `grade` judges it. Where it is wrong, `diagnosis` compares it with the usual mistakes: `slips` makes
those that happen at one module on the way back, by running the engine's backward pass with that one module wrong.
`reroll` finds new numbers for the same question. `goal` says when a `do` is reached, `moves` names actions in a
lesson's words.

`check` finds every error of a file, then plays it; `skeleton` begins a new one; `library` finds the lessons of bptui.

Everything in a file is data: sizes are bounded, nothing is executed, no link is opened.
"""
