"""The interface in the terminal: an app, its screens, and widgets that show canvases. Only it uses Textual."""
