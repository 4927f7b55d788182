"""What is doubtful in the data, and how far it could move the numbers."""
