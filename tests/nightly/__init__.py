"""What is too long for every push: run it with `make nightly`. A short form of each runs with the others."""
