"""What is in a sample space when it is made, one module per subject."""
