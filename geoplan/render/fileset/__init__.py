"""The outputs of one run as one set: written aside, switched whole, in turns."""
