"""What is there: files of a study to typed layers, measured in metres."""
