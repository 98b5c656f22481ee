"""What the program does where the system fails it."""
